-- How a losing value is shown in gold.field_lineage: enough to recognise what one knows, not enough to learn it.
-- E-mail j***@e***.com, phone ***89, name J. S., address 1***, l***, s***, g***, birth date 1980-**-**.
-- reads:  –
-- writes: temp macro mask(field_group, value_key)
create or replace temp macro mask(field_group, value_key) as
    case field_group
        when 'email' then regexp_replace(value_key, '^(.)[^@]*@(.)[^@]*?(\.[^.@]*)?\z', '\1***@\2***\3')
        when 'phone' then '***' || right(value_key, 2)
        when 'name' then upper(regexp_replace(trim(regexp_replace(value_key, '\|+', ' ', 'g')), '(\S)\S*', '\1.', 'g'))
        when 'birth_date' then left(value_key, 4) || '-**-**'
        else regexp_replace(value_key, '([^, ])[^,]*', '\1***', 'g')
    end
