-- The people of a block of runs: filled from people.sql, read by everything that follows, gone at COMMIT.
create temporary table pay_block_people (
    unit_id bigint not null, bureau_id bigint not null, person_id bigint not null, ord int not null,
    staff_no text not null, post_name text not null, posts jsonb not null, months int not null,
    months_cut int not null, points numeric not null, rating text not null, factor numeric, reason text not null,
    result bigint, is_example boolean not null, held boolean not null
) on commit drop
