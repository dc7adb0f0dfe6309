(** As Adequacy.v, for claims that name no winner: max, min, the essay's maximum, slack, the second
    largest, select/pack, and that two networks are equal. *)
From Coq Require Import String List ZArith Reals Lra Lia.
Import ListNotations.
From Relumax Require Import Statement Instances Adequacy.
Open Scope string_scope.
Open Scope R_scope.

(** A claim about x, n inputs, and y, one output, read. *)
Ltac read_x_y H x y E := apply claim_says with (v := x) in H; [|congruence];
  destruct (one_output _ x ltac:(eassumption)) as [y E]; cbv [equals x_and_y] in H; read H;
  rewrite E, whole_in, whole_out in H by auto; cbn [nth] in H.

(** * max, min and essay *)

(** y = the largest x. *)
Definition max_claim (n : nat) : claim := Claim (x_and_y n 1)
  [Statement [] [DefineMax "m" "x"] []
    [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]]].

Theorem max_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (max_claim n) ->
    forall x : list R, length x = n ->
    exists m, compute RField net x = [m] /\ In m x /\ forall y, In y x -> y <= m.
Proof.
  intros Hn Hi Ho H x Hx. destruct (largest_exists x (not_empty x n Hn Hx)) as [m M].
  cbv [max_claim] in H. read_x_y H x y E. destruct H as [H _]. destruct (H m M) as [[[C _]|[]] _].
  exists m. split; [|exact M]. rewrite E. f_equal. lra.
Qed.

(** y = the smallest x. *)
Definition min_claim (n : nat) : claim := Claim (x_and_y n 1)
  [Statement [] [DefineMin "m" "x"] []
    [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]]].

Theorem min_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (min_claim n) ->
    forall x : list R, length x = n ->
    exists m, compute RField net x = [m] /\ In m x /\ forall y, In y x -> m <= y.
Proof.
  intros Hn Hi Ho H x Hx. destruct (smallest_exists x (not_empty x n Hn Hx)) as [m M].
  cbv [min_claim] in H. read_x_y H x y E. destruct H as [H _]. destruct (H m M) as [[[C _]|[]] _].
  exists m. split; [|exact M]. rewrite E. f_equal. lra.
Qed.

(** max/essay: y = the largest x, for inputs that are not negative. *)
Definition essay_claim (n : nat) : claim := Claim (x_and_y n 1)
  [Statement [] [DefineMax "m" "x"]
    [RequireClause (Clause (Some n) None [[(LE, Affine 0 [((-1)%Z, ElementI "x")])]])]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]]].

Theorem essay_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (essay_claim n) -> forall x : list R, length x = n ->
    (forall y, In y x -> 0 <= y) ->
    exists m, compute RField net x = [m] /\ In m x /\ forall y, In y x -> y <= m.
Proof.
  intros Hn Hi Ho H x Hx Pos. destruct (largest_exists x (not_empty x n Hn Hx)) as [m M].
  cbv [essay_claim] in H. read_x_y H x y E. destruct H as [H _].
  destruct (H m M) as [[[C _]|[]] _].
  - intros i L. left. split; [|exact Logic.I].
    assert (0 <= nth i x 0) by (apply Pos, nth_In; lia). lra.
  - exists m. split; [|exact M]. rewrite E. f_equal. lra.
Qed.

(** * argmax/slack and argmin/slack: how far each is behind, which is 0 for those that win *)

Definition slack_claim (least : bool) (n : nat) : claim :=
  let behind := if least then [(1%Z, Scalar "m"); ((-1)%Z, ElementI "x")]
    else [(1%Z, ElementI "x"); ((-1)%Z, Scalar "m")] in
  Claim (x_and_y n n)
  [Statement [] [if least then DefineMin "m" "x" else DefineMax "m" "x"] []
    [Clause (Some n) None [[(EQ, Affine 0 ((1%Z, ElementI "y") :: behind))]];
     Clause (Some n) None [[(EQ, Affine 0 [(1%Z, ElementI "y")]); (EQ, Affine 0 behind)];
      [(LT, Affine 0 [((-1)%Z, ElementI "y")]); (LT, Affine 0 behind)]]]].

Lemma map_of_nth (f : R -> R) (x y : list R) : length y = length x ->
    (forall i, (i < length x)%nat -> nth i y 0 = f (nth i x 0)) -> y = map f x.
Proof.
  intros L H. apply (nth_ext _ _ 0 (f 0)); [rewrite map_length; exact L|]. intros i Li.
  rewrite map_nth. apply H. lia.
Qed.

Theorem slack_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = n ->
    claim_true RField net (slack_claim false n) -> forall x : list R, length x = n ->
    exists m, (In m x /\ forall y, In y x -> y <= m) /\
    compute RField net x = map (fun a => m - a) x.
Proof.
  intros Hn Hi Ho H x Hx. destruct (largest_exists x (not_empty x n Hn Hx)) as [m M].
  apply claim_says with (v := x) in H; [|congruence]. assert (Hy := compute_length net x).
  cbv [slack_claim x_and_y] in H. read H. rewrite whole_in, whole_out in H by congruence.
  destruct H as [H _]. exists m. split; [exact M|]. apply map_of_nth; [congruence|].
  intros i Li. destruct (H m M) as [C _]. specialize (C i ltac:(lia)). lra.
Qed.

Theorem argmin_slack_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = n ->
    claim_true RField net (slack_claim true n) -> forall x : list R, length x = n ->
    exists m, (In m x /\ forall y, In y x -> m <= y) /\
    compute RField net x = map (fun a => a - m) x.
Proof.
  intros Hn Hi Ho H x Hx. destruct (smallest_exists x (not_empty x n Hn Hx)) as [m M].
  apply claim_says with (v := x) in H; [|congruence]. assert (Hy := compute_length net x).
  cbv [slack_claim x_and_y] in H. read H. rewrite whole_in, whole_out in H by congruence.
  destruct H as [H _]. exists m. split; [exact M|].
  apply (map_of_nth (fun a => a - m)); [congruence|].
  intros i Li. destruct (H m M) as [C _]. specialize (C i ltac:(lia)). lra.
Qed.

(** * second: the second largest, ties counted, as (3, 3, 1) has 3 *)

Definition second_claim (n : nat) : claim := Claim (x_and_y n 1)
  [Statement [("w", n); ("v", n)] []
    [RequireClause (Clause None None [[(LT, Affine 0 [(1%Z, IndexOf "w"); ((-1)%Z, IndexOf "v")])];
       [(LT, Affine 0 [((-1)%Z, IndexOf "w"); (1%Z, IndexOf "v")])]]);
     RequireClause (Clause (Some n) None
       [[(LE, Affine 0 [(1%Z, ElementI "x"); ((-1)%Z, ElementAt "x" "w")])]]);
     RequireClause (Clause (Some n) (Some (Except, "w"))
       [[(LE, Affine 0 [(1%Z, ElementI "x"); ((-1)%Z, ElementAt "x" "v")])]])]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, ElementAt "x" "v")]]].

(** w is where a largest number is, v where a largest of the others is. *)
Theorem second_means net n : inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (second_claim n) -> forall x : list R, length x = n ->
    forall w v, (w < n)%nat -> (v < n)%nat -> w <> v ->
    (forall i, (i < n)%nat -> nth i x 0 <= nth w x 0) ->
    (forall i, (i < n)%nat -> i <> w -> nth i x 0 <= nth v x 0) ->
    compute RField net x = [nth v x 0].
Proof.
  intros Hi Ho H x Hx w v Lw Lv D Hw Hv. cbv [second_claim] in H. read_x_y H x y E.
  destruct H as [H _]. destruct (H w Lw v Lv) as [[[C _]|[]] _].
  - assert (N : INR w < INR v \/ INR v < INR w).
    { destruct (Nat.lt_total w v) as [L|[L|L]]; [left|lia|right]; apply lt_INR, L. }
    destruct N; [left|right; left]; split; auto; lra.
  - intros i L. specialize (Hw i L). left. split; auto. lra.
  - intros i L N. specialize (Hv i L N). left. split; auto. lra.
  - rewrite E. f_equal. lra.
Qed.

(** * --equals: two networks side by side compute the same *)

Definition equality_claim (n k : nat) (more : list clause) : claim := Claim
  [Array "x" false 0 1 n; Array "a" true 0 1 k; Array "b" true k 1 k]
  [Statement [] [] [] (Clause (Some k) None
    [[(EQ, Affine 0 [(1%Z, ElementI "a"); ((-1)%Z, ElementI "b")])]] :: more)].
(** Of one output each it says a[0] = b[0], without i. *)
Definition equality_of_one_claim (n : nat) (more : list clause) : claim := Claim
  [Array "x" false 0 1 n; Array "a" true 0 1 1; Array "b" true 1 1 1]
  [Statement [] [] [] (equals [(1%Z, Element "a" 0); ((-1)%Z, Element "b" 0)] :: more)].

Lemma two_halves (y : list R) k : length y = (k + k)%nat ->
    exists a b, y = (a ++ b)%list /\ length a = k /\ length b = k.
Proof.
  intros L. exists (firstn k y), (skipn k y). rewrite firstn_skipn, firstn_length, skipn_length.
  repeat split; lia.
Qed.

Theorem equality_means net n k more : inputs net = n -> length (outputs net) = (k + k)%nat ->
    claim_true RField net (equality_claim n k more) -> forall x : list R, length x = n ->
    exists a, length a = k /\ compute RField net x = (a ++ a)%list.
Proof.
  intros Hi Ho H x Hx. apply claim_says with (v := x) in H; [|congruence].
  destruct (two_halves (compute RField net x) k) as (a & b & E & La & Lb).
  { rewrite compute_length. exact Ho. }
  cbv [equality_claim] in H. read H.
  rewrite (first_of true _ _ a b), (second_of true _ _ a b) in H by auto.
  destruct H as [[H _] _]. exists a. split; [exact La|]. rewrite E. f_equal. symmetry.
  apply (nth_ext _ _ 0 0); [congruence|]. intros i L. specialize (H i ltac:(lia)). lra.
Qed.

Theorem equality_of_one_means net n more : inputs net = n -> length (outputs net) = 2%nat ->
    claim_true RField net (equality_of_one_claim n more) -> forall x : list R, length x = n ->
    exists a, compute RField net x = [a; a].
Proof.
  intros Hi Ho H x Hx. apply claim_says with (v := x) in H; [|congruence].
  assert (L := compute_length net x). rewrite Ho in L. cbv [equality_of_one_claim equals] in H.
  read H. destruct (compute RField net x) as [|a [|b [|]]]; try discriminate.
  rewrite (first_of true _ _ [a] [b]), (second_of true _ _ [a] [b]) in H by auto. cbn [nth] in H.
  exists a. do 2 f_equal. lra.
Qed.
