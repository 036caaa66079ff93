ps_fuzz(snapshot_open LINK snapshot_sample ps_builder ps_snapshot ps_core PkgConfig::CRYPTO)
ps_fuzz(snapshot_find LINK snapshot_sample ps_builder ps_snapshot ps_core PkgConfig::CRYPTO)
