foreach(noun
    csv entry feed guard hosts indicator json_stream memory misp plain reader rpz stix
    stix_pattern suffix_set timestamp vocabulary zone_names
    zone_text)
  ps_test(feed ${noun} LINK ps_feed ps_idn ps_core PkgConfig::JANSSON)
endforeach()
target_link_options(test_feed_memory PRIVATE
  -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=ps_name_from_user)
