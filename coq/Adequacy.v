(** What the claims of the catalogue say, read back as plain sentences about lists of reals. *)
From Coq Require Import String List ZArith Reals Lra Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement FormsSound NetworkSound Instances.
Open Scope string_scope.
Open Scope R_scope.

(** Integers of the field of reals are Coq's. *)
Lemma z_real k : z RField k = IZR k.
Proof.
  induction k using Z.peano_ind.
  - reflexivity.
  - unfold Z.succ. rewrite z_add, plus_IZR, IHk. reflexivity.
  - unfold Z.pred. rewrite z_add, plus_IZR, IHk. reflexivity.
Qed.

Lemma nat_real k : nat_ RField k = INR k.
Proof.
  unfold nat_. rewrite z_real. symmetry. apply INR_IZR_INZ.
Qed.

Lemma max_exists (x : list R) : x <> [] -> exists m, is_max RField m x.
Proof.
  induction x as [|a x IH]; [congruence|]. intros _. destruct x as [|b x].
  - exists a. split; [left; auto|]. intros y [<-|[]]. simpl; lra.
  - destruct IH as [m [M1 M2]]; [congruence|]. destruct (Rle_dec a m) as [L|L].
    + exists m. split; [right; auto|]. intros y [<-|H]; [exact L|apply M2; exact H].
    + exists a. split; [left; auto|]. intros y [<-|H]; simpl; [lra|].
      apply M2 in H. simpl in H. lra.
Qed.

Lemma min_exists (x : list R) : x <> [] -> exists m, is_min RField m x.
Proof.
  induction x as [|a x IH]; [congruence|]. intros _. destruct x as [|b x].
  - exists a. split; [left; auto|]. intros y [<-|[]]. simpl; lra.
  - destruct IH as [m [M1 M2]]; [congruence|]. destruct (Rle_dec m a) as [L|L].
    + exists m. split; [right; auto|]. intros y [<-|H]; [exact L|apply M2; exact H].
    + exists a. split; [left; auto|]. intros y [<-|H]; simpl; [lra|].
      apply M2 in H. simpl in H. lra.
Qed.

(** * Claims about x, n inputs, and y, k outputs *)

Definition x_and_y (n k : nat) : list array := [Array "x" false 0 1 n; Array "y" true 0 1 k].

Lemma whole_array (v : list R) n : length v = n ->
    map (fun i => nth (0 + 1 * i) v 0) (seq 0 n) = v.
Proof.
  intros <-. transitivity (map (fun i => nth i v 0) (seq 0 (length v))).
  - apply map_ext. intros i. f_equal. lia.
  - exact (map_nth_seq RField v).
Qed.

Lemma initial_x_y n k (x y : list R) ws : length x = n -> length y = k ->
    arr RField (initial RField (x_and_y n k) x y ws) "x" = x /\
    arr RField (initial RField (x_and_y n k) x y ws) "y" = y.
Proof.
  intros Hx Hy. unfold initial.
  assert (G : forall ws e, arr RField (fold_left (fun e w => set_idx RField e (fst w) (snd w)) ws e)
    = arr RField e) by (clear; induction ws; intros e; simpl; auto; rewrite IHws; auto).
  rewrite G. cbn [fold_right x_and_y array_name arr set_arr]. unfold update. simpl String.eqb.
  cbv iota. split; apply whole_array; auto.
Qed.

Lemma compute_length net (x : list R) :
    length (compute RField net x) = length (outputs net).
Proof.
  unfold compute. apply map_length.
Qed.

Definition equals (l : list (Z * reference)) : clause := Clause None None [[(EQ, Affine 0 l)]].

(** max: y = the largest x. *)
Definition max_claim (n : nat) : claim := Claim (x_and_y n 1)
  [Statement [] [DefineMax "m" "x"] []
    [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]]].

Theorem max_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (max_claim n) ->
    forall x : list R, length x = n ->
    exists m, compute RField net x = [m] /\ In m x /\ forall y, In y x -> y <= m.
Proof.
  intros Hn Hi Ho H x Hx. apply Forall_inv in H.
  destruct (max_exists x) as [m M]. { destruct x; simpl in Hx; [lia|discriminate]. }
  assert (Hy := compute_length net x). rewrite Ho in Hy.
  destruct (initial_x_y n 1 x (compute RField net x) [] Hx Hy) as [Ex Ey].
  specialize (H x (eq_trans Hx (eq_sym Hi)) [] (Forall2_nil _)). cbv zeta in H.
  cbn [index map combine define requires ensures] in H. set (e0 := initial _ _ _ _ _) in *.
  assert (D : defines_all RField e0 [DefineMax "m" "x"] (set_sca RField e0 "m" m)).
  { eexists. split; [|reflexivity]. exists m. rewrite Ex. auto. }
  specialize (H _ D (Forall_nil _)). apply Forall_inv in H. destruct H as (b & [<-|[]] & H).
  specialize (H _ (or_introl eq_refl)). cbn [fst snd] in H. unfold affine_value in H.
  cbn [offset parts fold_right fst snd reference_value set_sca arr sca holds_relation] in H.
  rewrite Ey, !z_real in H. unfold update in H. simpl String.eqb in H. cbv iota in H.
  exists m. split; [|exact M]. destruct (compute RField net x) as [|v [|? ?]]; try discriminate.
  cbn [nth] in H. f_equal. change (0 + (1 * v + (-1 * m + 0)) = 0) in H. simpl. lra.
Qed.

(** min: y = the smallest x. *)
Definition min_claim (n : nat) : claim := Claim (x_and_y n 1)
  [Statement [] [DefineMin "m" "x"] []
    [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]]].

Theorem min_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (min_claim n) ->
    forall x : list R, length x = n ->
    exists m, compute RField net x = [m] /\ In m x /\ forall y, In y x -> m <= y.
Proof.
  intros Hn Hi Ho H x Hx. apply Forall_inv in H.
  destruct (min_exists x) as [m M]. { destruct x; simpl in Hx; [lia|discriminate]. }
  assert (Hy := compute_length net x). rewrite Ho in Hy.
  destruct (initial_x_y n 1 x (compute RField net x) [] Hx Hy) as [Ex Ey].
  specialize (H x (eq_trans Hx (eq_sym Hi)) [] (Forall2_nil _)). cbv zeta in H.
  cbn [index map combine define requires ensures] in H. set (e0 := initial _ _ _ _ _) in *.
  assert (D : defines_all RField e0 [DefineMin "m" "x"] (set_sca RField e0 "m" m)).
  { eexists. split; [|reflexivity]. exists m. rewrite Ex. auto. }
  specialize (H _ D (Forall_nil _)). apply Forall_inv in H. destruct H as (b & [<-|[]] & H).
  specialize (H _ (or_introl eq_refl)). cbn [fst snd] in H. unfold affine_value in H.
  cbn [offset parts fold_right fst snd reference_value set_sca arr sca holds_relation] in H.
  rewrite Ey, !z_real in H. unfold update in H. simpl String.eqb in H. cbv iota in H.
  exists m. split; [|exact M]. destruct (compute RField net x) as [|v [|? ?]]; try discriminate.
  cbn [nth] in H. f_equal. change (0 + (1 * v + (-1 * m + 0)) = 0) in H. simpl. lra.
Qed.

(** argmax/slack: y[i] = m - x[i], which is 0 for the winners and only for them. *)
Definition slack_claim (n : nat) : claim := Claim (x_and_y n n)
  [Statement [] [DefineMax "m" "x"] []
    [Clause (Some n) None [[(EQ, Affine 0
       [(1%Z, ElementI "y"); (1%Z, ElementI "x"); ((-1)%Z, Scalar "m")])]];
     Clause (Some n) None [[(EQ, Affine 0 [(1%Z, ElementI "y")]);
       (EQ, Affine 0 [(1%Z, ElementI "x"); ((-1)%Z, Scalar "m")])];
      [(LT, Affine 0 [((-1)%Z, ElementI "y")]);
       (LT, Affine 0 [(1%Z, ElementI "x"); ((-1)%Z, Scalar "m")])]]]].

Theorem slack_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = n ->
    claim_true RField net (slack_claim n) ->
    forall x : list R, length x = n -> exists m,
    (In m x /\ forall y, In y x -> y <= m) /\
    forall i, (i < n)%nat -> nth i (compute RField net x) 0 = m - nth i x 0.
Proof.
  intros Hn Hi Ho H x Hx. apply Forall_inv in H.
  destruct (max_exists x) as [m M]. { destruct x; simpl in Hx; [lia|discriminate]. }
  assert (Hy := compute_length net x). rewrite Ho in Hy.
  destruct (initial_x_y n n x (compute RField net x) [] Hx Hy) as [Ex Ey].
  specialize (H x (eq_trans Hx (eq_sym Hi)) [] (Forall2_nil _)). cbv zeta in H.
  cbn [index map combine define requires ensures] in H. set (e0 := initial _ _ _ _ _) in *.
  assert (D : defines_all RField e0 [DefineMax "m" "x"] (set_sca RField e0 "m" m)).
  { eexists. split; [|reflexivity]. exists m. rewrite Ex. auto. }
  specialize (H _ D (Forall_nil _)). exists m. split; [exact M|]. intros i Li.
  apply Forall_inv in H. destruct (H i Li Logic.I) as (b & [<-|[]] & C).
  specialize (C _ (or_introl eq_refl)). cbn [fst snd] in C. unfold affine_value in C.
  cbn [offset parts fold_right fst snd reference_value set_sca arr sca holds_relation] in C.
  rewrite Ey, Ex, !z_real in C. unfold update in C. simpl String.eqb in C. cbv iota in C.
  set (a := nth i (compute RField net x) 0). set (c := nth i x 0).
  change (0 + (1 * a + (1 * c + (-1 * m + 0))) = 0) in C. lra.
Qed.

(** argmax/index with gap d = p/q: y is the index of the winner, the lowest of those that tie. *)
Definition index_claim (n : nat) (p q : positive) : claim := Claim (x_and_y n 1)
  [Statement [] [] []
    [Clause None None [[(LE, Affine 0 [((-1)%Z, Element "y" 0)])]];
     Clause None None [[(LE, Affine (1 - Z.of_nat n) [(1%Z, Element "y" 0)])]]];
   Statement [("w", n)] [] [RequireWinner "w" "x" (Gap p q) LessEqual None]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, IndexOf "w")]]].

Lemma ratio_real p q : ratio RField p q = IZR (Zpos p) / IZR (Zpos q).
Proof.
  unfold ratio, over. rewrite !z_real. reflexivity.
Qed.

Theorem index_means net n p q : inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (index_claim n p q) ->
    forall (x : list R) w, length x = n -> (w < n)%nat ->
    (forall i, (i < w)%nat -> nth i x 0 + IZR (Zpos p) / IZR (Zpos q) <= nth w x 0) ->
    (forall i, (w < i < n)%nat -> nth i x 0 <= nth w x 0) ->
    compute RField net x = [INR w].
Proof.
  intros Hi Ho H x w Hx Hw Before After. apply Forall_inv_tail, Forall_inv in H.
  assert (Hy := compute_length net x). rewrite Ho in Hy.
  destruct (initial_x_y n 1 x (compute RField net x) [("w", w)] Hx Hy) as [Ex Ey].
  assert (Ws : Forall2 (fun (k : nat) (w : name * nat) => (k < snd w)%nat) [w] [("w", n)]).
  { constructor; [exact Hw|constructor]. }
  specialize (H x (eq_trans Hx (eq_sym Hi)) [w] Ws). cbv zeta in H.
  cbn [index map combine define requires ensures fst] in H.
  set (e0 := initial RField (x_and_y n 1) x (compute RField net x) [("w", w)]) in *.
  assert (Iw : idx RField e0 "w" = w) by reflexivity.
  assert (Lx : length (arr RField e0 "x") = n) by (rewrite Ex; exact Hx).
  specialize (H e0 eq_refl). assert (R : Forall (requirement_true RField e0)
    [RequireWinner "w" "x" (Gap p q) LessEqual None]).
  { constructor; [|constructor]. cbn [requirement_true]. cbv zeta. rewrite Lx, Ex, Iw.
    split; [|split; [|exact Logic.I]].
    - intros i L. cbn [condition_true]. rewrite ratio_real. apply Before; exact L.
    - intros i L. apply After; exact L. }
  specialize (H R). apply Forall_inv in H. destruct H as (b & [<-|[]] & H).
  specialize (H _ (or_introl eq_refl)). cbn [fst snd] in H. unfold affine_value in H.
  cbn [offset parts fold_right fst snd reference_value holds_relation] in H.
  rewrite Ey, Iw, !z_real, nat_real in H.
  destruct (compute RField net x) as [|v [|? ?]]; try discriminate.
  cbn [nth] in H. f_equal. change (0 + (1 * v + (-1 * INR w + 0)) = 0) in H. simpl. lra.
Qed.
