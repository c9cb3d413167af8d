-- Which workspaces a connection serves can be changed in the console.
grant delete on connection_workspaces to trustwright_app;
create index connections_of_workspace on connection_workspaces (account_id, workspace_id);
