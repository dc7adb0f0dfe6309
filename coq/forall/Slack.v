(** For every n from 1 on: the network of argmax/slack computes m - x[i] for each input, m being the
    largest; that of argmin/slack, x[i] - m, m being the smallest, whatever differences its layers
    pass on, and in which order. relumax's own networks are [slack] with what the compiler chose; a
    test has Coq compare number by number.

    With s = 1 for argmax and -1 for argmin: an option is s x[i], or b + relu(a - b) of two options.
    *)
From Coq Require Import List ZArith Lia Bool OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound FactsSound NetworkSound.
From Relumax.forall Require Import Notations Chain Rounds Tournament Essay Carried Regular.

(** * The program *)

(** The relus of a round, from number k on, and the options after it. *)
Fixpoint slack_pairs (k : nat) (l : list terms) : list terms * list terms := match l with
  | a :: b :: l =>
      let (args, os) := slack_pairs (S k) l in
      (combine_terms 1 (-1) a b :: args, combine_terms 1 1 b [(N.of_nat k, 1%Z)] :: os)
  | _ => ([], l)
  end.
Fixpoint slack_rounds (fuel k : nat) (l : list terms) : list terms * terms := match fuel, l with
  | S fuel, _ :: _ :: _ =>
      let (args, os) := slack_pairs k l in
      let (rest, out) := slack_rounds fuel (k + length args) os in (args ++ rest, out)
  | _, _ => ([], hd [] l)
  end.
Definition signed_inputs (s : Z) (n : nat) : list terms :=
  map (fun i => [(N.of_nat i, s)]) (seq 0 n).
Definition slack_relus (s : Z) (n : nat) : list terms := fst (slack_rounds n n (signed_inputs s n)).
(** How far each option is behind the largest, c times. *)
Definition slack_outputs (c s : Z) (n : nat) : list terms :=
  map (combine_terms c (- c) (snd (slack_rounds n n (signed_inputs s n)))) (signed_inputs s n).
(** The network that was chosen, if it carries the program out; else one that passes all on. *)
Definition behind (c s : Z) (chosen : network) (n : nat) : network :=
  if Nat.eqb (inputs chosen) n && carries_out (slack_relus s n) (slack_outputs c s n) chosen
  then chosen else regular n (slack_relus s n) (slack_outputs c s n).
Definition slack : Z -> network -> nat -> network := behind 1.

(** * What it computes *)

Section Slack.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Notation z := (z K).
Notation option_value := (option_value K).
Add Ring Kring : (SORrt (laws K)).

Section Values.
Variable env : list K.
Definition relus_from (k : nat) (args : list terms) : Prop := forall j arg,
  nth_error args j = Some arg -> nth (k + j) env 0 = relu (option_value env arg).

Lemma slack_pairs_ok n : forall l k, (length l <= n)%nat -> relus_from k (fst (slack_pairs k l)) ->
    map (option_value env) (snd (slack_pairs k l)) = round K (map (option_value env) l).
Proof.
  induction n as [|n IH]; intros [|a [|b l]] k L R; simpl in L; try lia; try reflexivity.
  cbn [slack_pairs] in *. specialize (IH l (S k) ltac:(lia)).
  destruct (slack_pairs (S k) l) as [args os]. cbn [fst snd map round] in *. f_equal.
  - specialize (R 0%nat _ eq_refl). rewrite Nat.add_0_r in R.
    rewrite option_value_combine, z_one, option_value_single, R, option_value_combine.
    rewrite z_one, z_minus_one. unfold better.
    match goal with |- context [relu (one K * ?x + - one K * ?y)] =>
      replace (one K * x + - one K * y) with (x - y) by ring end.
    assert (E := relu_sub K (option_value env b)).
    match goal with |- _ = ?r + relu ?b - relu (- ?b) =>
      transitivity (r + (relu b - relu (- b))); [rewrite E|]; ring end.
  - apply IH. intros j arg E. specialize (R (S j) arg E).
    replace (S k + j)%nat with (k + S j)%nat by lia. exact R.
Qed.

Lemma slack_rounds_ok fuel : forall k l, (1 <= length l <= S fuel)%nat ->
    relus_from k (fst (slack_rounds fuel k l)) ->
    is_max K (option_value env (snd (slack_rounds fuel k l))) (map (option_value env) l).
Proof.
  assert (One : forall t, is_max K (option_value env t) (map (option_value env) [t]))
    by (intros t; split; [left; auto|intros x [<-|[]]; apply (Rle_refl (laws K))]).
  induction fuel as [|fuel IH]; intros k [|a [|b l]] L R; simpl in L; try lia; try apply One.
  cbn [slack_rounds] in *. assert (C := slack_pairs_ok _ (a :: b :: l) k (le_n _)).
  destruct (slack_pairs k (a :: b :: l)) as [args os]. cbn [fst snd] in C.
  destruct (round_length K _ (map (option_value env) (a :: b :: l)) (le_n _)) as (_ & R2 & R3).
  specialize (IH (k + length args)%nat os).
  destruct (slack_rounds fuel (k + length args) os) as [rest out]. cbn [fst snd] in *.
  assert (Ra : relus_from k args).
  { intros j arg E. apply R. rewrite nth_error_app1; auto. apply nth_error_Some. congruence. }
  specialize (C Ra). rewrite <- C, !map_length in R2, R3. simpl length in R2, R3.
  apply (round_max K _ _ _ (le_n _)). rewrite <- C. apply IH; [lia|]. intros j arg E.
  replace (k + length args + j)%nat with (k + (length args + j))%nat by lia. apply R.
  rewrite nth_error_app2 by lia. replace (length args + j - length args)%nat with j by lia. exact E.
Qed.
End Values.

(** Relus of the program use inputs and earlier relus. *)
Definition below (k : nat) (t : terms) : Prop := terms_below (N.of_nat k) t.

Lemma below_le k m t : (k <= m)%nat -> below k t -> below m t.
Proof.
  intros L. apply terms_below_le. lia.
Qed.

Lemma slack_pairs_below k0 n : forall l k, (length l <= n)%nat -> (k0 <= k)%nat ->
    Forall (below k0) l -> Forall (below k0) (fst (slack_pairs k l)) /\
    Forall (below (k + length (fst (slack_pairs k l)))) (snd (slack_pairs k l)).
Proof.
  assert (Up : forall l m, (k0 <= m)%nat -> Forall (below k0) l -> Forall (below m) l).
  { intros l m L. apply Forall_impl. intros t. apply below_le, L. }
  induction n as [|n IH]; intros [|a [|b l]] k L Lk B; simpl in L; try lia;
    try (split; [constructor|]; cbn [slack_pairs fst snd length]; apply Up; [lia|exact B]).
  inversion B as [|? ? Ba B']; subst. inversion B' as [|? ? Bb Bl]; subst.
  cbn [slack_pairs]. destruct (IH l (S k) ltac:(lia) ltac:(lia) Bl) as [I1 I2].
  destruct (slack_pairs (S k) l) as [args os]. cbn [fst snd length] in *. split; constructor; auto.
  - apply combine_below; auto.
  - apply combine_below; [apply (below_le k0); [lia|exact Bb]|].
    constructor; [cbn [fst]; lia|constructor].
  - replace (k + S (length args))%nat with (S k + length args)%nat by lia. exact I2.
Qed.

Lemma slack_rounds_below fuel : forall k l, Forall (below k) l -> forall j arg,
    nth_error (fst (slack_rounds fuel k l)) j = Some arg -> below (k + j) arg.
Proof.
  assert (None_ : forall j, nth_error (@nil terms) j = None) by (intros [|j]; reflexivity).
  induction fuel as [|fuel IH]; intros k l B j arg E.
  - cbn [slack_rounds fst] in E. rewrite None_ in E. discriminate.
  - destruct l as [|a [|b l]]; try (cbn [slack_rounds fst] in E; rewrite None_ in E; discriminate).
    cbn [slack_rounds] in E.
    destruct (slack_pairs_below k _ (a :: b :: l) k (le_n _) (le_n _) B) as [I1 I2].
    destruct (slack_pairs k (a :: b :: l)) as [args os]. cbn [fst snd] in I1, I2.
    specialize (IH _ _ I2). destruct (slack_rounds fuel (k + length args) os) as [rest out].
    cbn [fst] in E, IH. destruct (Nat.lt_ge_cases j (length args)) as [L|L].
    + rewrite nth_error_app1 in E by exact L. rewrite Forall_forall in I1.
      apply (below_le k); [lia|]. apply I1, (nth_error_In _ _ E).
    + rewrite nth_error_app2 in E by exact L. specialize (IH _ _ E).
      replace (k + j)%nat with (k + length args + (j - length args))%nat by lia. exact IH.
Qed.

Lemma behind_values c s chosen n (x : list K) : length x = n -> exists env : list K,
    (forall i, (i < n)%nat -> nth i env 0 = nth i x 0) /\ relus_from env n (slack_relus s n) /\
    compute K (behind c s chosen n) x = map (option_value env) (slack_outputs c s n).
Proof.
  intros L. unfold behind. destruct (Nat.eqb (inputs chosen) n && _) eqn:C.
  - apply andb_true_iff in C as [Ci C]. apply Nat.eqb_eq in Ci.
    destruct (carried K _ _ chosen x C) as (env & X & R & O); [congruence|]. rewrite Ci in X, R.
    exists env. auto.
  - exists (build K x (slack_relus s n)).
    destruct (build_app K (slack_relus s n) x) as (w & B & _). split; [|split].
    + intros i Li. rewrite B. apply app_nth1. lia.
    + intros j arg E. rewrite <- (app_nil_r (build K x (slack_relus s n))).
      apply build_ok with (v := x); auto. intros k t Ek. apply forallb_forall. intros p Ip.
      assert (W : below (n + k) t).
      { apply (slack_rounds_below n n (signed_inputs s n)); [|exact Ek]. apply Forall_forall.
        intros u Iu. apply in_map_iff in Iu as (i & <- & Ii). apply in_seq in Ii.
        constructor; [cbn [fst]; lia|constructor]. }
      unfold below, terms_below in W. rewrite Forall_forall in W. specialize (W p Ip).
      apply Nat.ltb_lt. lia.
    + apply regular_ok, L.
Qed.

Theorem behind_ok c s chosen n (x : list K) : (1 <= n)%nat -> length x = n ->
    exists m, is_max K m (map (fun t => z s * t) x) /\ compute K (behind c s chosen n) x =
      map (fun t => z c * (m - z s * t)) x.
Proof.
  intros Hn L. destruct (behind_values c s chosen n x L) as (env & X & R & O).
  assert (V : map (option_value env) (signed_inputs s n) = map (fun t => z s * t) x).
  { transitivity (map (fun t => z s * t) (map (fun i => nth i x 0) (seq 0 (length x))));
      [|rewrite map_nth_seq; reflexivity]. unfold signed_inputs. rewrite L, !map_map.
    apply map_ext_in. intros i Ii. apply in_seq in Ii. unfold Tournament.option_value.
    cbn [dot fold_right fst snd]. rewrite Nnat.Nat2N.id, X by lia. ring. }
  exists (option_value env (snd (slack_rounds n n (signed_inputs s n)))). split.
  - rewrite <- V. apply slack_rounds_ok; [|exact R]. unfold signed_inputs.
    rewrite map_length, seq_length. lia.
  - rewrite O. unfold slack_outputs. rewrite map_map.
    set (m := snd (slack_rounds n n (signed_inputs s n))).
    transitivity (map (fun a => z c * (option_value env m - a))
      (map (option_value env) (signed_inputs s n))).
    + rewrite map_map. apply map_ext. intros t.
      rewrite option_value_combine, z_opp. ring.
    + rewrite V, map_map. reflexivity.
Qed.

Theorem argmax_slack chosen n x : (1 <= n)%nat -> length x = n ->
    exists m, is_max K m x /\ compute K (slack 1 chosen n) x = map (fun t => m - t) x.
Proof.
  intros Hn L. destruct (behind_ok 1 1 chosen n x Hn L) as (m & M & C). exists m. split.
  - rewrite (map_ext _ (fun t => t)) in M by (intros; rewrite z_one; ring).
    rewrite map_id in M. exact M.
  - unfold slack. rewrite C. apply map_ext. intros t. rewrite z_one. ring.
Qed.

Theorem argmin_slack chosen n x : (1 <= n)%nat -> length x = n ->
    exists m, is_min K m x /\ compute K (slack (-1) chosen n) x = map (fun t => t - m) x.
Proof.
  intros Hn L. destruct (behind_ok 1 (-1) chosen n x Hn L) as (m & M & C). exists (- m). split.
  - apply min_of_signed. rewrite z_minus_one. replace (- one K * - m) with m by ring.
    rewrite z_minus_one in M. exact M.
  - unfold slack. rewrite C. apply map_ext. intros t. rewrite z_one, z_minus_one. ring.
Qed.
End Slack.
