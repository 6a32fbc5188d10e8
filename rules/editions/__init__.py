"""The shipped editions of the guidance, one TOML file for each date. No code."""
