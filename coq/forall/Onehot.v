(** For every n from 1 on and every gap d = p/q: the network of argmax/onehot computes
    relu(1 - (m - x[i])/d) for each input, m being the largest, which is 1 for those that are the
    largest and 0 for those that are d behind; that of argmin/onehot the same of what is above the
    smallest. The last layer stands behind those of slack, whatever these pass on; a test has Coq
    compare relumax's own networks, of gap 1, with [onehot] number by number. *)
From Coq Require Import List ZArith Lia Bool OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Kernel FormsSound FactsSound NetworkSound.
From Relumax.forall Require Import Notations Chain Rounds Tournament Essay Carried Regular Slack.

(** * The network *)

(** A layer more: the units relu((p + v)/p) of what was an output v. *)
Definition hot (p : positive) (n : network) : network := Network (inputs n)
  (layers n ++ [Layer p (map (fun r => (Relu, Row (Zpos p + bias r) (weights r))) (outputs n))]) 1
  (map (fun j => Row 0 [(N.of_nat j, 1%Z)]) (seq 0 (length (outputs n)))).
(** Here v is -q (m - s x[i]). *)
Definition onehot (s : Z) (p q : positive) (chosen : network) (n : nat) : network :=
  hot p (behind (Zneg q) s chosen n).

(** * What it computes *)

Section Onehot.
Variable K : OrderedField.
Open Scope field_scope.
Notation relu := (relu K).
Notation z := (z K).
Notation ratio := (ratio K).
Add Ring Kring : (SORrt (laws K)).

Lemma hot_value p net x : output_divisor net = xH ->
    compute K (hot p net) x = map (fun v => relu (over K (z (Zpos p) + v) p)) (compute K net x).
Proof.
  intros D. unfold compute, hot. cbn [layers outputs output_divisor]. rewrite D. unfold hidden.
  rewrite fold_left_app. cbn [fold_left]. fold (hidden K (layers net) x).
  set (h := hidden K (layers net) x). unfold layer_value at 1. cbn [rows divisor].
  rewrite !map_map. set (f := fun r => relu (over K (z (Zpos p) + row_value K 1 h r) p)).
  assert (E : map (fun r => act K Relu (row_value K p h (Row (Zpos p + bias r) (weights r))))
    (outputs net) = map f (outputs net)).
  { apply map_ext. intros r. cbn [act]. unfold f, row_value. cbn [bias weights].
    rewrite over_1, z_add. do 2 f_equal. ring. }
  cbn [fst snd]. rewrite E. transitivity (map (fun j => nth j (map f (outputs net)) 0)
    (seq 0 (length (map f (outputs net))))); [|apply map_nth_seq].
  rewrite map_length. apply map_ext. intros j. unfold row_value. cbn [bias weights].
  rewrite over_1, z_zero. cbn [dot fold_right fst snd]. rewrite Nnat.Nat2N.id, z_one. ring.
Qed.

Lemma behind_divisor c s chosen n : output_divisor (behind c s chosen n) = xH.
Proof.
  unfold behind. destruct (_ && _) eqn:C; [|reflexivity]. apply andb_true_iff in C as [_ C].
  unfold carries_out in C. apply andb_true_iff in C as [C _]. apply andb_true_iff in C as [C _].
  apply andb_true_iff in C as [_ C]. apply Pos.eqb_eq, C.
Qed.

(** relu(1 - t/d) for d = p/q. *)
Definition closeness (p q : positive) (t : K) : K := relu (1 - ratio q p * t).

Lemma ratio_times p q : z (Zpos q) * ratio p q = z (Zpos p).
Proof.
  apply over_mul.
Qed.

Lemma closeness_ends p q : closeness p q 0 = 1 /\
    forall t, ratio p q <= t -> closeness p q t = 0.
Proof.
  unfold closeness. split.
  - replace (1 - ratio q p * 0) with (one K) by ring. apply relu_same, lt_le, lt_01.
  - intros t H. set (u := ratio q p). assert (U : u * ratio p q = 1).
    { apply (cancel K (z (Zpos p))); [apply z_pos|].
      transitivity (z (Zpos p) * u * ratio p q); [ring|].
      unfold u. rewrite !ratio_times. ring. }
    assert (P : 0 <= u).
    { destruct (le_total K 0 u) as [L|L]; [exact L|]. exfalso. apply (lt_irr K 0).
      apply (Rlt_trans (laws K) _ (z (Zpos p) * u)); [unfold u; rewrite ratio_times; apply z_pos|].
      apply mul_pos_neg; [apply z_pos|exact L]. }
    assert (N : 1 - u * t <= 0).
    { apply (Rle_le_minus (laws K)) in H. apply (Rle_le_minus (laws K)).
      replace (0 - (1 - u * t)) with (u * (t - ratio p q)) by (rewrite <- U; ring).
      apply (Rtimes_nonneg_nonneg (laws K)); auto. }
    unfold Statement.relu. apply leb_spec in N. rewrite N. reflexivity.
Qed.

Theorem onehot_ok s p q chosen n x : (1 <= n)%nat -> length x = n ->
    exists m, is_max K m (map (fun t => z s * t) x) /\
    compute K (onehot s p q chosen n) x = map (fun t => closeness p q (m - z s * t)) x.
Proof.
  intros Hn L. destruct (behind_ok K (Zneg q) s chosen n x Hn L) as (m & M & C). exists m.
  split; [exact M|]. unfold onehot. rewrite hot_value by apply behind_divisor.
  rewrite C, map_map. apply map_ext. intros t. unfold closeness. f_equal. apply over_eq.
  change (Zneg q) with (- Zpos q)%Z. rewrite z_opp, <- (ratio_times q p). ring.
Qed.

Theorem argmax_onehot p q chosen n x : (1 <= n)%nat -> length x = n ->
    exists m, is_max K m x /\
    compute K (onehot 1 p q chosen n) x = map (fun t => closeness p q (m - t)) x.
Proof.
  intros Hn L. destruct (onehot_ok 1 p q chosen n x Hn L) as (m & M & C). exists m. split.
  - rewrite (map_ext _ (fun t => t)) in M by (intros; rewrite z_one; ring).
    rewrite map_id in M. exact M.
  - rewrite C. apply map_ext. intros t. f_equal. rewrite z_one. ring.
Qed.

Theorem argmin_onehot p q chosen n x : (1 <= n)%nat -> length x = n ->
    exists m, is_min K m x /\
    compute K (onehot (-1) p q chosen n) x = map (fun t => closeness p q (t - m)) x.
Proof.
  intros Hn L. destruct (onehot_ok (-1) p q chosen n x Hn L) as (m & M & C). exists (- m). split.
  - apply min_of_signed. rewrite z_minus_one. replace (- one K * - m) with m by ring.
    rewrite z_minus_one in M. exact M.
  - rewrite C. apply map_ext. intros t. f_equal. rewrite z_minus_one. ring.
Qed.
End Onehot.
