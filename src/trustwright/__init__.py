"""A self-hosted trust platform: vendor reviews, a trust center, and evidence records."""
