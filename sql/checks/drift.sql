-- reads run_figure (the figures of this run beside those of the last published one)
-- writes nothing
-- one row per figure that is compared: change in the figure's own unit, ratio to the last one
select
    stage, name as figure, label, value, previous, value - previous as change, value / nullif(previous, 0) as ratio
from run_figure
where previous is not null and name in ('fill_rate', 'identifier_share', 'many_names_share', 'pairs_per_record')
order by stage, name, label;
