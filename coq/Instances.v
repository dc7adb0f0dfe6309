(** Two ordered fields: the rationals (no axiom) and the reals (the axioms of Coq's reals). *)
From Coq Require Import List ZArith QArith Qcanon Reals OrderedRing RMicromega.
From Relumax Require Import Statement Kernel Elaborate Soundness.

Local Open Scope Qc_scope.
Lemma Qc_laws : SOR 0 1 Qcplus Qcmult Qcminus Qcopp eq Qcle Qclt.
Proof.
  constructor; try (intros; subst; reflexivity || tauto); try (intros; subst; tauto).
  - constructor; red; congruence.
  - exact Qcrt.
  - intros; apply Qcle_refl.
  - intros; apply Qcle_antisym; auto.
  - intros n m p; apply Qcle_trans.
  - intros n m. split.
    + intros H. split; [apply Qclt_le_weak; auto|apply Qclt_not_eq; auto].
    + intros [H1 H2]. apply Qcle_lt_or_eq in H1 as [|]; [auto|contradiction].
  - intros n m. destruct (Q_dec n m) as [[H|H]|H]; auto using Qc_is_canon.
  - intros n m p H. apply Qcplus_le_compat; [apply Qcle_refl|auto].
  - intros n m H1 H2. replace 0 with (0 * m) by ring. apply Qcmult_lt_compat_r; auto.
  - discriminate.
Qed.

Definition Qc_leb (x y : Qc) : bool := Qle_bool x y.
Lemma Qc_leb_spec (x y : Qc) : Qc_leb x y = true <-> x <= y.
Proof.
  apply Qle_bool_iff.
Qed.
Definition QcField : OrderedField := {|
  carrier := Qc; zero := 0; one := 1; add := Qcplus; mul := Qcmult; sub := Qcminus; opp := Qcopp;
  inv := Qcinv; leb := Qc_leb; le := Qcle; lt := Qclt; laws := Qc_laws; leb_spec := Qc_leb_spec;
  inv_spec := Qcmult_inv_r |}.

Local Open Scope R_scope.
Definition R_leb (x y : R) : bool := if Rle_dec x y then true else false.
Lemma R_leb_spec (x y : R) : R_leb x y = true <-> x <= y.
Proof.
  unfold R_leb. destruct (Rle_dec x y); split; congruence || tauto.
Qed.
Definition RField : OrderedField := {|
  carrier := R; zero := 0; one := 1; add := Rplus; mul := Rmult; sub := Rminus; opp := Ropp;
  inv := Rinv; leb := R_leb; le := Rle; lt := Rlt; laws := Rsor; leb_spec := R_leb_spec;
  inv_spec := Rinv_r |}.

Theorem check_rationals c : check c = true -> claim_true QcField (the_network c) (the_claim c).
Proof.
  intros H. apply check_sound; auto.
Qed.

Theorem check_reals c : check c = true -> claim_true RField (the_network c) (the_claim c).
Proof.
  intros H. apply check_sound; auto.
Qed.
