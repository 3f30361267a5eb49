"""The guide: chapters in French, as files of Markdown, and their pages."""
