"""What a visitor takes away: link, workbook, brief, pack and plain files."""
