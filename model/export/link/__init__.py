"""What a share link holds, written and read back."""
