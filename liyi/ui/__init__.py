"""What people use in the browser: Streamlit pages over the same path as the terminal."""

from pathlib import Path

MAIN = Path(__file__).with_name("main.py")  # Streamlit's main script
