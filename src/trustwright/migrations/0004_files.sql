-- A blob is the content of an object in the storage, named by its SHA-256. Its row is written before the object and
-- removed after it, so no object is ever without a row; one that no file names is collected once it is old.
-- `generation` tells a row from one that was removed and made again; `claims` counts the uploads that met this row.
create table blobs (
    account_id bigint not null references accounts,
    sha256 bytea not null,
    size bigint not null,
    generation uuid not null default gen_random_uuid(),
    claims bigint not null default 1,
    claimed_at timestamptz not null,
    primary key (account_id, sha256)
);
create index blobs_by_claim on blobs (account_id, claimed_at);
call protect_tenant('blobs', 'select, insert, update, delete');

create table files (
    account_id bigint not null,
    id integer generated always as identity,
    sha256 bytea not null,
    name text not null,
    content_type text not null,
    size bigint not null,
    scan_state text not null,
    scan_detail text,
    created_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, sha256) references blobs
);
create index files_of_blob on files (account_id, sha256);
create index files_unsettled on files (account_id, created_at) where scan_state in ('PENDING', 'ERROR');
call protect_tenant('files', 'select, insert, update, delete');
