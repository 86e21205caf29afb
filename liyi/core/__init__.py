"""Ground floor: the shapes every measurement takes, smoothing on time stamps, errors, reasons, and the catalogue."""
