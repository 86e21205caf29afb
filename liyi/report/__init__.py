"""An assessment shown: in the terminal, and as one self-contained page."""
