package fko

// expectedVerdicts says what the judge shall make of each write in the recorded
// timelines: timeline, object (#2 for another of the same name), generation
// written, what is waited for, and when which verdict comes. Until then it is
// "waiting", which it stays where nothing else is said; times are seconds of
// the timeline. Where pods are broken, a second line has a short grace.
//
// The times agree with what the recordings' own tables list: done when the job
// runs (or has finished) under the written generation, failed at the cause.
const expectedVerdicts = `
1.15.0/app-batch-finished counter 1 running | done@20.646
1.15.0/app-batch-finished counter 2 running | failed@174.026 being deleted
1.15.0/app-batch-rerun-savepoint counter 2 running | done@-1.401
1.15.0/app-batch-rerun-savepoint counter 3 running | waiting
1.15.0/app-batch-rerun-stateless counter 1 running | done@13.600
1.15.0/app-batch-rerun-stateless counter 2 running | done@38.177
1.15.0/app-change-while-suspended counter 2 running | done@-1.445
1.15.0/app-change-while-suspended counter 3 suspended | done@0.384
1.15.0/app-change-while-suspended counter 4 suspended | waiting
1.15.0/app-change-while-suspended counter 4 deferred | done@4.457
1.15.0/app-change-while-suspended counter 5 running | done@47.046
1.15.0/app-create-bad-image-fixed counter 1 running | waiting
1.15.0/app-create-bad-image-fixed counter 1 running grace=5s | failed@6.786 ErrImagePull
1.15.0/app-create-bad-image-fixed counter 2 running | done@22.442
1.15.0/app-create-bad-image-manual-restore counter 1 running | waiting
1.15.0/app-create-bad-image-manual-restore counter 1 running grace=5s | failed@6.418 ErrImagePull
1.15.0/app-create-bad-image-manual-restore counter 2 running | failed@10.629 Manual restore required
1.15.0/app-create-bad-image-manual-restore counter 3 running | done@37.137
1.15.0/app-create-bad-image-manual-restore counter 4 running | done@42.255
1.15.0/app-create-bad-image-race counter1 1 running | waiting
1.15.0/app-create-bad-image-race counter1 1 running grace=5s | failed@7.464 ErrImagePull
1.15.0/app-create-bad-image-race counter1 2 running | failed@131.361 ErrImagePull
1.15.0/app-create-bad-image-race counter1 2 running grace=5s | failed@16.361 ErrImagePull
1.15.0/app-create-bad-image-race counter2 1 running | waiting
1.15.0/app-create-bad-image-race counter2 1 running grace=5s | failed@6.917 ErrImagePull
1.15.0/app-create-bad-image-race counter2 2 running | failed@134.139 ErrImagePull
1.15.0/app-create-bad-image-race counter2 2 running grace=5s | failed@19.139 ErrImagePull
1.15.0/app-create-bad-image-race counter3 1 running | waiting
1.15.0/app-create-bad-image-race counter3 1 running grace=5s | failed@8.532 ErrImagePull
1.15.0/app-create-bad-image-race counter3 2 running | failed@134.942 ErrImagePull
1.15.0/app-create-bad-image-race counter3 2 running grace=5s | failed@19.942 ErrImagePull
1.15.0/app-create-bad-image-race counter4 1 running | waiting
1.15.0/app-create-bad-image-race counter4 1 running grace=5s | failed@8.167 ErrImagePull
1.15.0/app-create-bad-image-race counter4 2 running | failed@134.556 ErrImagePull
1.15.0/app-create-bad-image-race counter4 2 running grace=5s | failed@19.556 ErrImagePull
1.15.0/app-create-bad-image-race counter5 1 running | waiting
1.15.0/app-create-bad-image-race counter5 1 running grace=5s | failed@8.638 ErrImagePull
1.15.0/app-create-bad-image-race counter5 2 running | failed@135.250 ErrImagePull
1.15.0/app-create-bad-image-race counter5 2 running grace=5s | failed@20.250 ErrImagePull
1.15.0/app-create-bad-image-race counter6 1 running | waiting
1.15.0/app-create-bad-image-race counter6 1 running grace=5s | failed@9.078 ErrImagePull
1.15.0/app-create-bad-image-race counter6 2 running | failed@135.258 ErrImagePull
1.15.0/app-create-bad-image-race counter6 2 running grace=5s | failed@20.258 ErrImagePull
1.15.0/app-create-bad-image counter2 1 running | waiting
1.15.0/app-create-bad-image counter2 1 running grace=5s | failed@6.479 ErrImagePull
1.15.0/app-create-bad-image counter2 2 running | failed@16.645 Manual restore required
1.15.0/app-create-fail-start counter2 2 running | failed@28.555 Manual restore required
1.15.0/app-create-fail-start counter3 1 running | failed@6.076 asked to fail at start
1.15.0/app-create-fail-start counter3 2 running | done@38.560
1.15.0/app-create-suspended counter 1 suspended | waiting
1.15.0/app-create-suspended counter 1 deferred | done@0.089
1.15.0/app-create-suspended counter 2 suspended | failed@30.227 being deleted
1.15.0/app-create-suspended counter 2 deferred | done@20.154
1.15.0/app-create counter 1 running | done@19.312
1.15.0/app-delete-savepoint-on-deletion-not-running counter 5 running | done@-1.445
1.15.0/app-delete-savepoint-on-deletion-not-running counter 6 running | failed@8.223 being deleted
1.15.0/app-delete-savepoint-on-deletion-not-running counter 6 running grace=5s | failed@8.157 ErrImagePull
1.15.0/app-delete-savepoint-on-deletion counter 2 running | done@-1.394
1.15.0/app-delete-savepoint-on-deletion counter 3 running | done@0.206
1.15.0/app-delete-with-suspend counter 6 running | done@-1.448
1.15.0/app-delete-with-suspend counter 7 suspended | done@0.424
1.15.0/app-delete counter 4 running | done@-1.437
1.15.0/app-ignored-changes counter 3 running | done@-1.372
1.15.0/app-ignored-changes counter 4 running | done@8.800
1.15.0/app-ignored-changes counter 4 acknowledged | done@8.800
1.15.0/app-ignored-changes counter 5 running | done@16.980
1.15.0/app-ignored-changes counter 5 acknowledged | done@16.980
1.15.0/app-ignored-changes counter 6 running | done@25.142
1.15.0/app-ignored-changes counter 6 acknowledged | done@25.142
1.15.0/app-invalid-create counter 1 running | failed@0.177 savepoint-dir] is not set
1.15.0/app-invalid-create counter 2 running | done@31.054
1.15.0/app-invalid-update counter 2 running | done@-1.283
1.15.0/app-invalid-update counter 3 running | failed@0.562 savepoint-dir] is not set
1.15.0/app-invalid-update counter 4 running | done@16.662
1.15.0/app-job-failed counter 1 running | failed@19.088 asked to fail after 100
1.15.0/app-job-failed counter 2 running | done@72.078
1.15.0/app-last-state-suspend counter 2 running | done@-1.441
1.15.0/app-last-state-suspend counter 3 suspended | done@1.818
1.15.0/app-last-state-upgrade counter 1 running | done@-1.404
1.15.0/app-last-state-upgrade counter 2 running | done@27.822
1.15.0/app-manual-restore counter 1 running | done@-1.296
1.15.0/app-manual-restore counter 2 running | failed@36.276 Manual restore required
1.15.0/app-manual-restore counter 3 running | waiting
1.15.0/app-manual-restore counter 4 running | done@148.946
1.15.0/app-operator-rollback-after-upgrade counter 2 running | done@-1.365
1.15.0/app-operator-rollback-after-upgrade counter 3 running | failed@63.807 the operator rolled the change back: ErrImagePull
1.15.0/app-operator-rollback-after-upgrade counter 3 running grace=5s | failed@7.735 ErrImagePull
1.15.0/app-operator-rollback-after-upgrade counter 4 running | done@106.506
1.15.0/app-operator-rollback-fail-start counter 3 running | done@-1.451
1.15.0/app-operator-rollback-fail-start counter 4 running | failed@17.260 asked to fail at start
1.15.0/app-operator-rollback counter 1 running | done@-1.380
1.15.0/app-operator-rollback counter 2 running | failed@64.295 the operator rolled the change back: ErrImagePull
1.15.0/app-operator-rollback counter 2 running grace=5s | failed@8.260 ErrImagePull
1.15.0/app-operator-rollback counter 3 running | done@106.449
1.15.0/app-pods-killed counter 3 running | done@-1.431
1.15.0/app-redeploy-nonce counter 3 running | done@-1.356
1.15.0/app-redeploy-nonce counter 4 running | failed@16.687 asked to fail at start
1.15.0/app-redeploy-nonce counter 5 running | done@47.917
1.15.0/app-restart-nonce counter 2 running | done@-1.413
1.15.0/app-restart-nonce counter 3 running | done@24.055
1.15.0/app-savepoint-trigger-nonce counter 1 running | done@-1.441
1.15.0/app-savepoint-trigger-nonce counter 2 running | done@5.242
1.15.0/app-savepoint-upgrade counter 1 running | done@-1.437
1.15.0/app-savepoint-upgrade counter 2 running | done@17.655
1.15.0/app-stateless-upgrade counter 1 running | done@-1.303
1.15.0/app-stateless-upgrade counter 2 running | done@22.727
1.15.0/app-suspend-resume counter 1 running | done@-1.350
1.15.0/app-suspend-resume counter 2 suspended | done@0.507
1.15.0/app-suspend-resume counter 3 running | done@32.895
1.15.0/app-upgrade-bad-image counter 2 running | done@-1.442
1.15.0/app-upgrade-bad-image counter 3 running | waiting
1.15.0/app-upgrade-bad-image counter 3 running grace=5s | failed@14.520 ErrImagePull
1.15.0/app-upgrade-bad-image counter 4 running | done@67.490
1.15.0/app-upgrade-fail-start counter 1 running | done@-1.381
1.15.0/app-upgrade-fail-start counter 2 running | failed@24.420 asked to fail at start
1.15.0/app-upgrade-fail-start counter 3 running | done@67.435
1.15.0/app-upgrade-savepoint-fails counter 1 running | done@-1.367
1.15.0/app-upgrade-savepoint-fails counter 2 running | failed@16.022 Savepoint Error: CheckpointException
1.15.0/app-upgrade-savepoint-fails counter 3 running | done@53.466
1.15.0/app-upgrade-while-upgrading counter 3 running | done@-1.367
1.15.0/app-upgrade-while-upgrading counter 4 running | waiting
1.15.0/app-upgrade-while-upgrading counter 5 running | done@23.994
1.15.0/bluegreen-abort-delete-child-retry counter-blue 1 running | done@11.273
1.15.0/bluegreen-abort-delete-child-retry counter-green 1 running | waiting
1.15.0/bluegreen-abort-delete-child-retry counter-green 1 running grace=5s | failed@28.967 ErrImagePull
1.15.0/bluegreen-abort-delete-child-retry counter-green 2 suspended | done@55.034
1.15.0/bluegreen-abort-delete-child-retry counter-green#2 1 running | done@92.407
1.15.0/bluegreen-abort-fix-only counter-blue 1 running | done@12.364
1.15.0/bluegreen-abort-fix-only counter-green 1 running | waiting
1.15.0/bluegreen-abort-fix-only counter-green 1 running grace=5s | failed@29.901 ErrImagePull
1.15.0/bluegreen-abort-fix-only counter-green 2 suspended | done@55.912
1.15.0/bluegreen-abort-fix-only counter-green 3 running | done@87.258
1.15.0/bluegreen-abort counter-blue 1 running | done@11.424
1.15.0/bluegreen-abort counter-green 1 running | waiting
1.15.0/bluegreen-abort counter-green 1 running grace=5s | failed@29.121 ErrImagePull
1.15.0/bluegreen-abort counter-green 2 suspended | done@72.005
1.15.0/bluegreen-abort counter-green 3 running | done@120.078
1.15.0/bluegreen-abort counter-blue#2 1 running | done@168.155
1.15.0/bluegreen-child-fails-later counter-blue 1 running | done@20.610
1.15.0/bluegreen-child-fails-later counter-green 1 running | done@38.126
1.15.0/bluegreen-create-and-switch counter-blue 1 running | done@19.938
1.15.0/bluegreen-create-and-switch counter-green 1 running | done@49.515
1.15.0/bluegreen-create-bad-image-manual-restore counter-blue 1 running | waiting
1.15.0/bluegreen-create-bad-image-manual-restore counter-blue 1 running grace=5s | failed@7.588 ErrImagePull
1.15.0/bluegreen-create-bad-image-manual-restore counter-blue 2 suspended | failed@30.333 Manual restore required
1.15.0/bluegreen-create-bad-image-manual-restore counter-blue 3 running | failed@75.387 Manual restore required
1.15.0/bluegreen-create-bad-image-manual-restore counter-blue 4 suspended | failed@105.703 Manual restore required
1.15.0/bluegreen-create-bad-image counter-blue 1 running | waiting
1.15.0/bluegreen-create-bad-image counter-blue 1 running grace=5s | failed@6.504 ErrImagePull
1.15.0/bluegreen-create-bad-image counter-blue 2 suspended | done@32.358
1.15.0/bluegreen-create-bad-image counter-blue 3 running | done@60.969
1.15.0/bluegreen-failed-active-repair counter-blue 1 running | done@11.536
1.15.0/bluegreen-failed-active-repair counter-blue 2 running | done@129.286
1.15.0/bluegreen-failed-active-repair counter-green 1 running | waiting
1.15.0/bluegreen-ignored-changes counter-blue 3 running | done@-1.243
1.15.0/bluegreen-ignored-changes counter-blue 4 running | done@10.497
1.15.0/bluegreen-invalid-update-fixed-early counter-blue 1 running | done@-1.412
1.15.0/bluegreen-invalid-update-fixed-early counter-green 1 running | failed@0.636 serviceAccount must be defined
1.15.0/bluegreen-invalid-update-repair counter-blue 1 running | done@-1.404
1.15.0/bluegreen-invalid-update-repair counter-green 1 running | failed@3.441 serviceAccount must be defined
1.15.0/bluegreen-invalid-update-repair counter-green 2 suspended | waiting
1.15.0/bluegreen-invalid-update-repair counter-green 3 running | done@48.802
1.15.0/bluegreen-invalid-update counter-blue 4 running | done@-1.436
1.15.0/bluegreen-invalid-update counter-green 1 running | failed@3.249 serviceAccount must be defined
1.15.0/bluegreen-spec-swallowed counter-blue 1 running | done@13.572
1.15.0/bluegreen-spec-swallowed counter-green 1 running | done@81.071
1.15.0/bluegreen-suspend-resume counter-blue 1 running | done@-1.413
1.15.0/bluegreen-suspend-resume counter-blue 2 suspended | done@0.594
1.15.0/bluegreen-suspend-resume counter-blue 3 running | done@22.868
1.15.0/session-create shared 1 session | done@9.233
1.15.0/session-delete-blocked counter 4 running | done@-1.401
1.15.0/session-delete-blocked shared 1 session | done@-1.392
1.15.0/session-job-bad-jar shared 1 session | done@-1.413
1.15.0/session-job-bad-jar early 1 running | done@-1.410
1.15.0/session-job-bad-jar bad 1 running | failed@18.008 FileNotFoundException: /
1.15.0/session-job-bad-jar bad 2 running | done@25.546
1.15.0/session-job-bad-jar scheme 1 running | failed@29.736 not in the allowlist
1.15.0/session-job-before-cluster early 1 running | done@26.812
1.15.0/session-job-before-cluster shared 1 session | done@21.096
1.15.0/session-job-create shared 1 session | done@-1.432
1.15.0/session-job-create counter 1 running | done@6.188
1.15.0/session-job-delete shared 1 session | done@-1.408
1.15.0/session-job-delete bad 2 running | done@-1.407
1.15.0/session-job-delete early 1 running | done@-1.407
1.15.0/session-job-savepoint-upgrade counter 1 running | done@-1.427
1.15.0/session-job-savepoint-upgrade counter 2 running | done@5.796
1.15.0/session-job-savepoint-upgrade shared 1 session | done@-1.394
1.15.0/session-job-suspend-resume counter 2 running | done@-1.425
1.15.0/session-job-suspend-resume counter 3 suspended | done@0.304
1.15.0/session-job-suspend-resume counter 4 running | done@10.837
1.15.0/session-job-suspend-resume shared 1 session | done@-1.409
1.15.0/session-upgrade-bad-image shared 2 session | done@-1.334
1.15.0/session-upgrade-bad-image shared 3 session | waiting
1.15.0/session-upgrade-bad-image shared 3 session grace=5s | failed@8.464 ErrImagePull
1.15.0/session-upgrade-bad-image shared 4 session | done@24.738
1.15.0/session-upgrade-bad-image counter 1 running | done@-1.290
1.15.0/session-upgrade counter 1 running | done@-1.384
1.15.0/session-upgrade shared 1 session | done@-1.383
1.15.0/session-upgrade shared 2 session | done@11.553
1.15.0/snapshot-abandoned counter 1 running | done@-1.396
1.15.0/snapshot-abandoned counter 2 suspended | done@0.511
1.15.0/snapshot-completed counter 1 running | done@-1.356
1.15.0/snapshot-failed counter 1 running | done@-1.313
1.7.0/app-create counter 1 running | done@12.735
1.7.0/app-delete counter 10 running | done@-1.450
1.7.0/app-savepoint-trigger-nonce counter 3 running | done@-1.450
1.7.0/app-savepoint-upgrade counter 2 running | done@-1.445
1.7.0/app-savepoint-upgrade counter 3 running | done@15.278
1.7.0/app-suspend-resume counter 4 running | done@-1.450
1.7.0/app-suspend-resume counter 5 suspended | done@0.337
1.7.0/app-suspend-resume counter 6 running | done@21.611
1.7.0/app-upgrade-bad-image counter 6 running | done@-1.453
1.7.0/app-upgrade-bad-image counter 7 running | waiting
1.7.0/app-upgrade-bad-image counter 7 running grace=5s | failed@8.424 ErrImagePull
1.7.0/app-upgrade-bad-image counter 8 running | done@47.427
1.7.0/app-upgrade-fail-start counter 8 running | done@-1.448
1.7.0/app-upgrade-fail-start counter 9 running | failed@15.089 asked to fail at start
1.7.0/app-upgrade-fail-start counter 10 running | done@47.693
`
