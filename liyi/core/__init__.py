"""What every other package uses: shapes of a measurement, smoothing on time stamps, errors, reasons, the catalogue."""
