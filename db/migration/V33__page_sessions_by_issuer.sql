-- A session that began at the OIDC issuer has no key, but whom the issuer named: subject, name, projects and role.
alter table page_sessions alter column key_id drop not null;
alter table page_sessions add column identity text; -- JSON: jsonb takes no NUL, which a name may have
alter table page_sessions add constraint page_sessions_by_key_or_issuer check ((key_id is null) <> (identity is null));
