(** What the main theorems rest on; a test compares what Coq prints here with what is expected. *)
From Relumax Require Import Soundness PointsSound Instances Checker.

Print Assumptions check_sound.
Print Assumptions check_certificate_sound.
Print Assumptions accepts_sound.
Print Assumptions check_rationals.
Print Assumptions check_reals.
