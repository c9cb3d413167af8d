"""Accounts (tenants) with their workspaces, users, roles, API keys, entitlements and terms."""
