(** What the main theorems rest on; a test compares what Coq prints here with what is expected. *)
From Relumax Require Import Soundness PointsSound Instances Checker ClaimUnique.
From Relumax Require Import Adequacy AdequacyMaxima AdequacyWinners AdequacyPack AdequacySearch.
From Relumax.forall Require Import Chain Tournament Essay Depth Carried Slack Onehot.

Print Assumptions check_sound.
Print Assumptions check_certificate_sound.
Print Assumptions accepts_sound.
Print Assumptions texts_unique.
Print Assumptions check_rationals.
Print Assumptions check_reals.
Print Assumptions max_chain.
Print Assumptions min_chain.
Print Assumptions max_tournament.
Print Assumptions min_tournament.
Print Assumptions max_essay.
Print Assumptions max_essay_fused.
Print Assumptions essay_count.
Print Assumptions essay_guess.
Print Assumptions tournament_guess.
Print Assumptions carried.
Print Assumptions argmax_slack.
Print Assumptions argmin_slack.
Print Assumptions argmax_onehot.
Print Assumptions argmin_onehot.
Print Assumptions closeness_ends.
Print Assumptions claim_says.
Print Assumptions max_means.
Print Assumptions min_means.
Print Assumptions essay_means.
Print Assumptions slack_means.
Print Assumptions argmin_slack_means.
Print Assumptions second_means.
Print Assumptions equality_means.
Print Assumptions equality_of_one_means.
Print Assumptions index_means.
Print Assumptions lattice_means.
Print Assumptions onehot_means.
Print Assumptions step_means.
Print Assumptions gate_means.
Print Assumptions select_prefix_means.
Print Assumptions select_step_means.
Print Assumptions pack_means.
Print Assumptions pack_keys_means.
Print Assumptions best_of_means.
Print Assumptions iterate_means.
