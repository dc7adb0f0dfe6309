(** The whole checker: which certificates, read from a file, are theorems. *)
From Coq Require Import List Bool.
From Relumax Require Import Statement Kernel Elaborate Points Soundness PointsSound Wellformed.

Definition accepts (c : certificate) (points : list (list point)) : bool :=
  well_formed c && check_certificate c points.

Theorem accepts_sound c points : accepts c points = true -> forall K,
    claim_true K (the_network c) (the_claim c) /\
    Forall (fun s => needs_point s = true ->
      satisfiable K (the_network c) (arrays (the_claim c)) s (fun _ => True))
      (statements (the_claim c)).
Proof.
  unfold accepts. rewrite andb_true_iff. intros [_ H]. apply check_certificate_sound with (1 := H).
Qed.

(** The same, said of the parts of a certificate: what exported files use. *)
Theorem accepted_true n c lemmas proofs points :
    accepts (Certificate n c lemmas proofs) points = true -> forall K, claim_true K n c.
Proof.
  intros H K. exact (proj1 (accepts_sound _ _ H K)).
Qed.
