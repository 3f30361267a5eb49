"""The guide: chapters and cards in the languages of its readers, as files of Markdown, and their pages."""
