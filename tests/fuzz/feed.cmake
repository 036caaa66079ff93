foreach(target feed_plain feed_hosts feed_csv feed_rpz feed_stix feed_misp feed_stix_pattern)
  ps_fuzz(${target} LINK ps_feed ps_idn ps_core PkgConfig::JANSSON)
endforeach()
