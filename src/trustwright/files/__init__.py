"""Files that people and programs upload: checked, stored by content, scanned, downloaded by signed links."""
