"""Pictures of clips and verdicts as SVG in HTML."""
