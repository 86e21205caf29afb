"""What people use in the browser: Streamlit pages over the same path as the terminal."""
