(** For every n from 1 on: a network that carries out the program of argmax/slack computes m - x[i]
    for each input, m being the largest; one of argmin/slack, x[i] - m, m being the smallest. Which
    differences a layer passes on, and in which order, is the network's own affair; a test holds
    that relumax's networks carry out this program.

    With s = 1 for argmax and -1 for argmin: an option is s x[i], or b + relu(a - b) of two options.
    *)
From Coq Require Import List ZArith Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound NetworkSound.
From Relumax.forall Require Import Chain Rounds Tournament Carried.

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
Definition slack_outputs (s : Z) (n : nat) : list terms :=
  map (combine_terms 1 (-1) (snd (slack_rounds n n (signed_inputs s n)))) (signed_inputs s n).
Definition is_slack (s : Z) (n : nat) (net : network) : Prop :=
  inputs net = n /\ carries_out (slack_relus s n) (slack_outputs s n) net = true.

(** * What it computes *)

Section Slack.
Variable K : OrderedField.
Notation "0" := (zero K).
Notation "x + y" := (add K x y).
Notation "x * y" := (mul K x y).
Notation "x - y" := (sub K x y).
Notation "- x" := (opp K x).
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

Theorem slack_ok s n net (x : list K) : (1 <= n)%nat -> is_slack s n net -> length x = n ->
    exists m, is_max K m (map (fun t => z s * t) x) /\ compute K net x =
      map (fun t => m - z s * t) x.
Proof.
  intros Hn [Hi C] L. destruct (carried K _ _ net x C) as (env & X & R & O); [congruence|].
  rewrite Hi in X, R. assert (V : map (option_value env) (signed_inputs s n) =
    map (fun t => z s * t) x).
  { transitivity (map (fun t => z s * t) (map (fun i => nth i x 0) (seq 0 (length x))));
      [|rewrite map_nth_seq; reflexivity]. unfold signed_inputs. rewrite L, !map_map.
    apply map_ext_in. intros i Ii. apply in_seq in Ii. unfold Tournament.option_value.
    cbn [dot fold_right fst snd]. rewrite Nnat.Nat2N.id, X by lia. ring. }
  exists (option_value env (snd (slack_rounds n n (signed_inputs s n)))). split.
  - rewrite <- V. apply slack_rounds_ok; [|exact R]. unfold signed_inputs.
    rewrite map_length, seq_length. lia.
  - rewrite O. unfold slack_outputs. rewrite map_map.
    set (m := snd (slack_rounds n n (signed_inputs s n))).
    transitivity (map (fun a => option_value env m - a)
      (map (option_value env) (signed_inputs s n))).
    + rewrite map_map. apply map_ext. intros t.
      rewrite option_value_combine, z_one, z_minus_one. ring.
    + rewrite V, map_map. reflexivity.
Qed.

Theorem argmax_slack n net x : (1 <= n)%nat -> is_slack 1 n net -> length x = n ->
    exists m, is_max K m x /\ compute K net x = map (fun t => m - t) x.
Proof.
  intros Hn S L. destruct (slack_ok 1 n net x Hn S L) as (m & M & C). exists m. split.
  - rewrite (map_ext _ (fun t => t)) in M by (intros; rewrite z_one; ring).
    rewrite map_id in M. exact M.
  - rewrite C. apply map_ext. intros t. rewrite z_one. ring.
Qed.

Theorem argmin_slack n net x : (1 <= n)%nat -> is_slack (-1) n net -> length x = n ->
    exists m, is_min K m x /\ compute K net x = map (fun t => t - m) x.
Proof.
  intros Hn S L. destruct (slack_ok (-1) n net x Hn S L) as (m & M & C). exists (- m). split.
  - apply min_of_signed. rewrite z_minus_one. replace (- one K * - m) with m by ring.
    rewrite z_minus_one in M. exact M.
  - rewrite C. apply map_ext. intros t. rewrite z_minus_one. ring.
Qed.
End Slack.
