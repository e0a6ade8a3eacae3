"""The stages of the pipeline, one module each; `identity.pipeline` puts them in order."""
