(** The essay's two counts as theorems about k, a layer being a matrix and an activation.

    2^(k/2) options in k layers: the essay's own network, k even. 2^(k-1) options in k layers, its
    guess: the fused network, and without the condition on signs the tournament.

    The essay's networks end with an activation: their output is a unit as it is, so no matrix
    comes after the k layers. The tournament's output is a sum of units: that matrix, which has no
    activation, is counted as a layer. *)
From Coq Require Import List ZArith Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel.
From Relumax.forall Require Import Chain Tournament Essay.

(** The network has n inputs, and computes the largest of them, if they are as is promised. *)
Definition selects_largest (net : network) (n : nat) (promise : forall K : OrderedField, K -> Prop)
    : Prop := inputs net = n /\ forall (K : OrderedField) (x : list K), length x = n ->
  Forall (promise K) x -> exists m, compute K net x = [m] /\ is_max K m x.
Definition not_negative (K : OrderedField) (x : K) : Prop := le K (zero K) x.
(** The output is the first unit of the last layer; with no layer, the input. *)
Definition output_is_a_unit (net : network) : Prop :=
  output_divisor net = 1%positive /\ outputs net = [Row 0 [(0%N, 1%Z)]].
Definition any_number (K : OrderedField) (x : K) : Prop := True.

(** A round halves the number of options, if it is even. *)
Lemma essay_round_halves m : forall k l, length l = (2 * m)%nat ->
    length (snd (nonnegative_pairs k l)) = m.
Proof.
  induction m as [|m IH]; intros k l L.
  - destruct l; [reflexivity|discriminate].
  - destruct l as [|a [|b l]]; simpl in L; try lia. cbn [nonnegative_pairs].
    specialize (IH (k + 2)%N l ltac:(lia)). destruct (nonnegative_pairs (k + 2)%N l) as [rs os].
    cbn [snd length] in *. lia.
Qed.

Lemma tournament_round_halves s m : forall k l, length l = (2 * m)%nat ->
    length (snd (compare_pairs s k l)) = m.
Proof.
  induction m as [|m IH]; intros k l L.
  - destruct l; [reflexivity|discriminate].
  - destruct l as [|a [|b l]]; simpl in L; try lia. cbn [compare_pairs].
    specialize (IH (k + 3)%N l ltac:(lia)). destruct (compare_pairs s (k + 3)%N l) as [rs os].
    cbn [snd length] in *. lia.
Qed.

Lemma power_positive j : (1 <= 2 ^ j)%nat.
Proof.
  induction j as [|j IH]; simpl; lia.
Qed.

Lemma essay_depth j : forall fuel, (2 ^ j <= S fuel)%nat ->
    length (essay_rounds fuel (2 ^ j)) = (2 * j)%nat.
Proof.
  induction j as [|j IH]; intros fuel L.
  - destruct fuel; reflexivity.
  - assert (P := power_positive j). cbn [Nat.pow] in *. destruct fuel as [|fuel]; [lia|].
    assert (H := essay_round_halves (2 ^ j) 0%N (single_options (2 * 2 ^ j))).
    assert (N : exists m, (2 * 2 ^ j)%nat = S (S m)) by (exists (2 * 2 ^ j - 2)%nat; lia).
    destruct N as [m N]. rewrite N in *. cbn [essay_rounds].
    destruct (nonnegative_pairs 0 (single_options (S (S m)))) as [rs os]. cbn [snd length] in *.
    unfold single_options in H. rewrite map_length, seq_length in H. rewrite H by lia.
    rewrite IH by lia. lia.
Qed.

Lemma fused_depth j : forall fuel l, length l = (2 ^ j)%nat -> (2 ^ j <= S fuel)%nat ->
    length (fst (fused_rounds fuel l)) = j.
Proof.
  induction j as [|j IH]; intros fuel l L F.
  - destruct l as [|a [|b l]]; try discriminate. destruct fuel; reflexivity.
  - assert (P := power_positive j). cbn [Nat.pow] in *. destruct fuel as [|fuel]; [lia|].
    assert (H := essay_round_halves (2 ^ j) 0%N l L).
    destruct l as [|a [|b l]]; cbn [length] in L; try lia. cbn [fused_rounds].
    destruct (nonnegative_pairs 0 (a :: b :: l)) as [rs os]. cbn [snd] in H.
    specialize (IH fuel os H ltac:(lia)). destruct (fused_rounds fuel os) as [ls out].
    cbn [fst length] in *. lia.
Qed.

Lemma tournament_depth s j : forall fuel orders l, length l = (2 ^ j)%nat ->
    (2 ^ j <= S fuel)%nat -> length (fst (all_rounds s fuel orders l)) = j.
Proof.
  induction j as [|j IH]; intros fuel orders l L F.
  - destruct l as [|a [|b l]]; try discriminate. destruct fuel; reflexivity.
  - assert (P := power_positive j). cbn [Nat.pow] in *. destruct fuel as [|fuel]; [lia|].
    assert (H := tournament_round_halves s (2 ^ j) 0%N l L).
    destruct l as [|a [|b l]]; cbn [length] in L; try lia. cbn [all_rounds].
    destruct (compare_pairs s 0 (a :: b :: l)) as [rs os]. cbn [snd] in H.
    set (p := order_for (hd [] orders) (length rs)).
    specialize (IH fuel (tl orders) (map (reorder_terms p) os)). rewrite map_length in IH.
    specialize (IH H ltac:(lia)).
    destruct (all_rounds s fuel (tl orders) (map (reorder_terms p) os)) as [ls out].
    cbn [fst length] in *. lia.
Qed.

(** What the essay shows: k layers select the largest of 2^(k/2) numbers that are not negative. *)
Theorem essay_count k : Nat.Even k -> let n := (2 ^ (k / 2))%nat in
    length (layers (essay n)) = k /\ output_is_a_unit (essay n) /\
    selects_largest (essay n) n not_negative.
Proof.
  intros [j ->]. replace (2 * j / 2)%nat with j by (rewrite Nat.mul_comm, Nat.div_mul; lia).
  split; [|split; [split; reflexivity|split; [reflexivity|]]].
  - unfold essay. cbn [layers]. apply essay_depth. lia.
  - intros K x L P. apply max_essay; auto. apply power_positive.
Qed.

(** What it guesses: k layers select the largest of 2^(k-1) numbers that are not negative. *)
Theorem essay_guess k : (1 <= k)%nat -> let n := (2 ^ (k - 1))%nat in
    length (layers (essay_fused n)) = k /\ output_is_a_unit (essay_fused n) /\
    selects_largest (essay_fused n) n not_negative.
Proof.
  intros Hk n. unfold n. clear n.
  assert (D := fused_depth (k - 1) (2 ^ (k - 1)) (single_options (2 ^ (k - 1)))).
  unfold single_options in D at 1. rewrite map_length, seq_length in D.
  specialize (D eq_refl ltac:(lia)). split; [|split; [|split]].
  - unfold essay_fused. destruct (fused_rounds _ _) as [ls out]. cbn [layers fst] in *.
    rewrite app_length, D. cbn [length]. lia.
  - unfold output_is_a_unit, essay_fused. destruct (fused_rounds _ _). split; reflexivity.
  - unfold essay_fused. destruct (fused_rounds _ _). reflexivity.
  - intros K x L P. apply max_essay_fused; auto. apply power_positive.
Qed.

(** The same of all numbers: k layers, the outputs being the last of them. *)
Theorem tournament_guess orders k : (1 <= k)%nat -> let n := (2 ^ (k - 1))%nat in
    S (length (layers (tournament 1 orders n))) = k /\
    selects_largest (tournament 1 orders n) n any_number.
Proof.
  intros Hk n. unfold n. clear n.
  assert (D := tournament_depth 1 (k - 1) (2 ^ (k - 1)) orders
    (map (fun i => [(N.of_nat i, 1%Z)]) (seq 0 (2 ^ (k - 1))))).
  rewrite map_length, seq_length in D. specialize (D eq_refl ltac:(lia)). split; [|split].
  - unfold tournament. destruct (all_rounds _ _ _ _) as [ls out]. cbn [layers fst] in *. lia.
  - unfold tournament. destruct (all_rounds _ _ _ _). reflexivity.
  - intros K x L _. apply max_tournament; auto. apply power_positive.
Qed.
