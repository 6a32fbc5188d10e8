"""Papers on pages, drawn with Qt: in print, in the preview and in PDF files alike.

Pages are laid out first (:mod:`.layout`), in units that no device has a say in, and any of them is then painted
(:mod:`.painting`). Layout, painting and PDF files need a ``QGuiApplication`` and the fonts (:func:`.fonts.load`), and
may then be done in any thread, each paper in one; what opens a dialog belongs in the thread of the window.
"""
