-- Where the files of a dataset were fetched from: a URL without its query, or a repository of a hub and its commit.
alter table datasets add column source text, add column revision text;
