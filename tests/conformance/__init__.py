"""Our engine against the protocol documents, against the official client, and against the API that it keeps."""
