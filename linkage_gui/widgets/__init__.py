"""The widgets that pages are made of. Qt only from here on."""
