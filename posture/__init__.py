"""The body: frames become a `PoseTrack` of the one subject, and the track becomes measures of bearing."""
