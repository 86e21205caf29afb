"""Ground floor: media in, the shapes every measurement takes, smoothing on time stamps, and the house's errors."""
