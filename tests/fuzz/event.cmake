ps_fuzz(event_spool LINK ps_event ps_plan ps_core)
