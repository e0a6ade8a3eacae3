-- The names that a set of bits stands for, in their order.
-- reads:  –
-- writes: temp macro listed(names, bits)
create or replace temp macro listed(names, bits) as
    list_filter(names, lambda name, place: get_bit(bits, (place - 1)::integer) = 1)
