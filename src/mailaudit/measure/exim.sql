-- title: What Exim's lines say in the light of those before
-- Reads messages, told_deliveries. Makes deliveries.

-- Each queue run says of a frozen message that it is: news only where no line says that it was put aside.
-- Exim writes no delay unless it is asked to: it is the time since the message was accepted, in whole seconds.
create table accepted_at as
select key, min(accepted_us) as accepted_us
from messages
where instance = 'exim' and accepted_us is not null
group by key;

create view deliveries as
select d.* replace (
    case
        when d.delay is null and d.event in ('delivered', 'deferred', 'bounced', 'expired') and d.time_us >= a.accepted_us
            then cast(d.time_us - a.accepted_us as double) / 1000000
        else d.delay
    end as delay
)
from told_deliveries d
left join accepted_at a on a.key = d.key
where d.raw_event is null or d.raw_event <> 'still_frozen'
    or d."row" in (
        select "row"
        from (
            select "row", raw_event, row_number() over (partition by key order by time_us, "row") as place
            from told_deliveries
            where event = 'held'
        ) first_of_each
        where place = 1 and raw_event = 'still_frozen'
    );
