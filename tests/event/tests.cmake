ps_test(event counters LINK ps_event ps_plan ps_core)
