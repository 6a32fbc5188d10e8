"""Files that the program ships: icons, style sheets, examples. No code."""
