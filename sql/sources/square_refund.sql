-- reads: delivered (rows of square_transaction, one per payment or refund)
-- writes: std.refund
-- one row per: refund with a row of its own; `Partial Refunds` on a payment's row are no more than the order's sum
-- parameters: $source
-- by hand: set variable source = 'square_transaction'; and read getvariable('source') for $source
select
    $source as source,
    transaction_id as order_id,
    row_number() over (partition by transaction_id order by happened, source_pk, content)::integer as refund_number,
    happened as refunded_at,
    happened_zone as time_zone,
    abs(net_sales) as amount
from delivered
where transaction_id is not null and lower(coalesce(event_type, '')) = 'refund' and net_sales <> 0
