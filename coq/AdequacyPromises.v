(** As Adequacy.v, for the claims that promise numbers a step apart: an index on a lattice, and
    select/pack, which puts a payload into the room between keys. *)
From Coq Require Import String List ZArith Reals Lra Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Elaborate FormsSound NetworkSound Soundness Instances.
From Relumax Require Import Adequacy AdequacyWinners.
Open Scope string_scope.
Open Scope R_scope.

(** argmax/index on a lattice: all inputs are multiples of p/q; y is the index of the first of the
    largest, without any gap. *)
Definition lattice_claim (n : nat) (p q : positive) (first : statement) : claim :=
  Claim (x_and_y n 1) [first;
    Statement [("w", n)] [] [RequireWinner "w" "x" Less LessEqual (Some (p, q))]
      [equals [(1%Z, Element "y" 0); ((-1)%Z, IndexOf "w")]]].

Theorem lattice_means net n p q first : inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (lattice_claim n p q first) -> forall (x : list R) w, length x = n ->
    wins Rlt Rle n x w ->
    (forall a, In a x -> exists k : Z, a = IZR k * (IZR (Zpos p) / IZR (Zpos q))) ->
    compute RField net x = [INR w].
Proof.
  intros Hi Ho H x w Hx (L & B & A) Multiple. apply Forall_inv_tail, Forall_inv in H.
  assert (Hy := compute_length net x). rewrite Ho in Hy.
  destruct (initial_x_y n 1 x (compute RField net x) [("w", w)] Hx Hy) as [Ex Ey].
  assert (Ws : Forall2 (fun (k : nat) (w : name * nat) => (k < snd w)%nat) [w] [("w", n)]).
  { constructor; [exact L|constructor]. }
  specialize (H x (eq_trans Hx (eq_sym Hi)) [w] Ws). cbv zeta in H.
  cbn [index map combine define requires ensures fst] in H.
  set (e0 := initial RField (x_and_y n 1) x (compute RField net x) [("w", w)]) in *.
  assert (Iw : idx RField e0 "w" = w) by reflexivity. specialize (H e0 eq_refl).
  assert (Lx : length (arr RField e0 "x") = n) by (rewrite Ex; exact Hx).
  assert (R : Forall (requirement_true RField e0)
    [RequireWinner "w" "x" Less LessEqual (Some (p, q))]).
  { constructor; [|constructor]. cbn [requirement_true]. cbv zeta. rewrite Lx, Ex, Iw.
    split; [exact B|]. split; [exact A|]. intros a Ha. destruct (Multiple a Ha) as [k E].
    exists k. rewrite z_real, ratio_real. exact E. }
  specialize (H R). apply Forall_inv, equals_value in H.
  cbn [fold_right fst snd reference_value] in H. rewrite Ey, Iw, nat_real in H.
  destruct (compute RField net x) as [|v [|? ?]]; try discriminate.
  change (1 * v + (-1 * INR w + 0) = 0) in H. f_equal. lra.
Qed.

(** select/pack: y is the largest of the sums of a key and its payload. So it is the sum at w, if
    the keys behind that of w are s behind, payloads are from 0 to s, and of tied keys that of w has
    the largest payload. *)
Definition pack_claim (n : nat) (more : list statement) : claim := payload_claim n
  (Statement [] [DefineArray "z" n Linear 1 (Affine 0 [(1%Z, ElementI "x"); (1%Z, ElementI "p")]);
     DefineMax "m" "z"] [] [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]] :: more).

Theorem pack_means net n more : (0 < n)%nat -> inputs net = (n + n)%nat ->
    length (outputs net) = 1%nat -> claim_true RField net (pack_claim n more) ->
    forall v : list R, length v = (n + n)%nat ->
    let x i := nth i v 0 in let p i := nth (n + i) v 0 in
    (exists m, compute RField net v = [m] /\ (exists i, (i < n)%nat /\ m = x i + p i) /\
      forall i, (i < n)%nat -> x i + p i <= m) /\
    forall w s, (w < n)%nat -> (forall i, (i < n)%nat -> x i + s <= x w \/ x i = x w) ->
      (forall i, (i < n)%nat -> 0 <= p i <= s) ->
      (forall i, (i < n)%nat -> x i = x w -> p i <= p w) -> compute RField net v = [x w + p w].
Proof.
  intros Hn Hi Ho H v Hv x p. apply Forall_inv in H.
  set (y := compute RField net v) in *. assert (Hy := compute_length net v). rewrite Ho in Hy.
  set (al := arrays (pack_claim n more)) in *.
  assert (D : distinct (map array_name al) = true) by reflexivity.
  set (e0 := initial RField al v y []).
  assert (Ex : arr RField e0 "x" = array_value RField v y (Array "x" false 0 1 n)).
  { apply (initial_arr al v y _ (Array "x" false 0 1 n) D). left; reflexivity. }
  assert (Ep : arr RField e0 "p" = array_value RField v y (Array "p" false n 1 n)).
  { apply (initial_arr al v y _ (Array "p" false n 1 n) D). right; left; reflexivity. }
  assert (Ey : arr RField e0 "y" = array_value RField v y (Array "y" true 0 1 1)).
  { apply (initial_arr al v y _ (Array "y" true 0 1 1) D). right; right; left; reflexivity. }
  specialize (H v (eq_trans Hv (eq_sym Hi)) [] (Forall2_nil _)). cbv zeta in H.
  cbn [index map combine define requires ensures fst] in H. fold y e0 in H.
  set (sums := map (fun i => x i + p i) (seq 0 n)).
  assert (Es : map (fun i => over RField (affine_value RField e0 i
    (Affine 0 [(1%Z, ElementI "x"); (1%Z, ElementI "p")])) 1) (seq 0 n) = sums).
  { apply map_ext_in. intros i Li. apply in_seq in Li. rewrite over_1. unfold affine_value.
    cbn [offset parts fold_right fst snd reference_value]. rewrite !z_real, Ex, Ep.
    change (zero RField) with 0. rewrite !nth_array by (cbn [array_length]; lia).
    cbn [base stride is_output]. replace (0 + 1 * i)%nat with i by lia.
    replace (n + 1 * i)%nat with (n + i)%nat by lia.
    change (0 + (1 * x i + (1 * p i + 0)) = x i + p i). lra. }
  destruct (max_exists sums) as [m M].
  { unfold sums. destruct n; [lia|discriminate]. }
  set (e1 := set_arr RField e0 "z" sums).
  assert (Df : defines_all RField e0 [DefineArray "z" n Linear 1
    (Affine 0 [(1%Z, ElementI "x"); (1%Z, ElementI "p")]); DefineMax "m" "z"]
    (set_sca RField e1 "m" m)).
  { exists e1. split; [|exists (set_sca RField e1 "m" m); split; [|reflexivity]].
    - cbn [defines]. unfold e1. rewrite <- Es. reflexivity.
    - exists m. split; [exact M|reflexivity]. }
  specialize (H _ Df (Forall_nil _)). apply Forall_inv, equals_value in H.
  cbn [fold_right fst snd reference_value set_sca e1 set_arr arr sca] in H. unfold update in H.
  simpl String.eqb in H. cbv iota in H. rewrite Ey in H. change (zero RField) with 0 in H.
  rewrite nth_array in H by (cbn [array_length]; lia). cbn [base stride is_output] in H.
  assert (Ym : y = [m]).
  { change (length y = 1%nat) in Hy. clear Ex Ep Ey Es Df M. clear e1. clear e0. clearbody y.
    destruct y as [|a [|? ?]]; try discriminate. cbn [nth] in H.
    change (1 * a + (-1 * m + 0) = 0) in H. f_equal. lra. }
  destruct M as [M1 M2]. unfold sums in M1, M2. rewrite in_map_iff in M1.
  destruct M1 as (j & Ej & Lj). apply in_seq in Lj.
  assert (Most : forall i, (i < n)%nat -> x i + p i <= m).
  { intros i Li. apply M2. apply in_map_iff. exists i. split; [reflexivity|]. apply in_seq. lia. }
  split.
  - exists m. split; [exact Ym|]. split; [|exact Most]. exists j. split; [lia|]. congruence.
  - intros w s Lw Apart Bounds Ties. rewrite Ym. f_equal.
    assert (Up := Most w Lw). assert (Bw := Bounds w Lw). assert (Bj := Bounds j ltac:(lia)).
    rewrite <- Ej in *. destruct (Apart j ltac:(lia)) as [F|T]; [lra|].
    specialize (Ties j ltac:(lia) T). lra.
Qed.
