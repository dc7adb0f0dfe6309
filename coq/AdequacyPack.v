(** As Adequacy.v, for select/pack, which puts a payload into the room between keys: y is the
    largest of the sums of a key and its payload, and a decoder tells the winner's key and payload
    apart. *)
From Coq Require Import String List ZArith Reals Lra Lia.
Import ListNotations.
From Relumax Require Import Statement Instances Adequacy AdequacyWinners.
Open Scope string_scope.
Open Scope R_scope.

Definition sums (n : nat) (x p : list R) : list R := map (fun i => nth i x 0 + nth i p 0) (seq 0 n).

Lemma nth_sums n x p i : (i < n)%nat -> nth i (sums n x p) 0 = nth i x 0 + nth i p 0.
Proof.
  intros L. unfold sums. rewrite (nth_indep _ 0 (nth 0 x 0 + nth 0 p 0))
    by (rewrite map_length, seq_length; exact L).
  rewrite (map_nth (fun i => nth i x 0 + nth i p 0)), seq_nth by exact L. reflexivity.
Qed.

Lemma sums_length n x p : length (sums n x p) = n.
Proof.
  unfold sums. rewrite map_length. apply seq_length.
Qed.

Lemma sums_are n x p :
    map (fun i => (0 + (1 * nth i x 0 + (1 * nth i p 0 + 0))) / 1) (seq 0 n) = sums n x p.
Proof.
  apply map_ext. intros i. lra.
Qed.

Definition the_sums (n : nat) : list definition :=
  [DefineArray "z" n Linear 1 (Affine 0 [(1%Z, ElementI "x"); (1%Z, ElementI "p")]);
   DefineMax "m" "z"].
Definition largest_sum (n : nat) : statement :=
  Statement [] (the_sums n) [] [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]].
Definition pack_claim (n : nat) (more : list statement) : claim :=
  Claim (payload_arrays n) (largest_sum n :: more).

(** So y is the sum at w, if the keys behind that of w are s behind, payloads are from 0 to s, and
    of tied keys that of w has the largest payload. *)
Theorem pack_means net n more : (0 < n)%nat -> inputs net = (n + n)%nat ->
    length (outputs net) = 1%nat -> claim_true RField net (pack_claim n more) ->
    forall v p : list R, length v = n -> length p = n -> let x i := nth i v 0 in
    let q i := nth i p 0 in exists y, compute RField net (v ++ p)%list = [y] /\
    ((exists i, (i < n)%nat /\ y = x i + q i) /\ forall i, (i < n)%nat -> x i + q i <= y) /\
    forall w s, (w < n)%nat -> (forall i, (i < n)%nat -> x i + s <= x w \/ x i = x w) ->
      (forall i, (i < n)%nat -> 0 <= q i <= s) ->
      (forall i, (i < n)%nat -> x i = x w -> q i <= q w) -> y = x w + q w.
Proof.
  intros Hn Hi Ho H v p Hv Hp x q. destruct (one_output net (v ++ p)%list Ho) as [y E].
  apply claim_says with (v := (v ++ p)%list) in H; [|rewrite app_length; congruence].
  destruct H as [H _]. cbv [pack_claim payload_arrays largest_sum the_sums equals] in H.
  read_payloads H v p y E. rewrite sums_are in H.
  destruct (largest_exists (sums n v p) (not_empty _ n Hn (sums_length n v p))) as [m M].
  destruct (H m M) as [[[C _]|[]] _]. assert (Y : y = m) by lra. subst m. clear C H.
  destruct M as [I B]. unfold sums in I, B. apply in_map_iff in I as (j & Ej & Lj).
  apply in_seq in Lj. assert (Most : forall i, (i < n)%nat -> x i + q i <= y).
  { intros i L. apply B, in_map_iff. exists i. split; [reflexivity|]. apply in_seq. lia. }
  exists y. split; [exact E|]. split.
  - split; [|exact Most]. exists j. split; [lia|]. symmetry. exact Ej.
  - intros w s Lw Apart Bounds Ties. assert (Up := Most w Lw). assert (Bw := Bounds w Lw).
    assert (Bj := Bounds j ltac:(lia)). change (x j + q j = y) in Ej. rewrite <- Ej in *.
    destruct (Apart j ltac:(lia)) as [F|T]; [lra|]. specialize (Ties j ltac:(lia) T). lra.
Qed.

(** * With the decoder: keys equal or s = p/q apart, the winner's among low, low + s', ... *)

Definition bounds (r : range) (a : reference) : list (relation * affine) :=
  [(LE, Affine (low r) [(Zneg (low_over r), a)]);
   (LE, Affine (- high r) [(Zpos (high_over r), a)])].
Definition pack_keys_claim (n levels : nat) (p q : positive) (payloads key : range)
    (over : positive) (least : Z) (step : positive) : claim := Claim
  [Array "x" false 0 1 n; Array "p" false n 1 n; Array "y" true 0 1 1; Array "k" true 1 1 1;
   Array "q" true 2 1 1]
  [largest_sum n; Statement [("w", n)] (the_sums n)
    [RequireWinner "w" "z" LessEqual LessEqual None;
     RequireClause (Clause (Some n) None
       [[(LE, Affine (Zpos p) [(Zpos q, ElementI "x"); (Zneg q, ElementAt "x" "w")])];
        [(EQ, Affine 0 [(1%Z, ElementI "x"); ((-1)%Z, ElementAt "x" "w")])];
        [(LE, Affine (Zpos p) [(Zpos q, ElementAt "x" "w"); (Zneg q, ElementI "x")])]]);
     RequireClause (Clause (Some n) None [bounds payloads (ElementI "p")]);
     RequireClause (Clause None None [bounds key (ElementAt "x" "w")]);
     RequireClause (Clause (Some levels) None
       [[(LE, Affine (- least) [(Zpos over, ElementAt "x" "w"); (Zneg step, I)])];
        [(LE, Affine (least + Zpos step) [(Zneg over, ElementAt "x" "w"); (Zpos step, I)])]])]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, ElementAt "x" "w"); ((-1)%Z, ElementAt "p" "w")];
     Clause (Some n) None [[(LT, Affine 0 [(1%Z, ElementI "x"); ((-1)%Z, ElementAt "x" "w")])];
       [(EQ, Affine 0 [(1%Z, ElementI "x"); ((-1)%Z, ElementAt "x" "w")]);
        (LE, Affine 0 [(1%Z, ElementI "p"); ((-1)%Z, ElementAt "p" "w")])]];
     equals [(1%Z, Element "k" 0); ((-1)%Z, ElementAt "x" "w")];
     equals [(1%Z, Element "q" 0); ((-1)%Z, ElementAt "p" "w")]]].

Lemma apart_by p q a b : fraction (Zpos p) q + a <= b ->
    IZR (Zpos p) + (IZR (Zpos q) * a + (IZR (Zneg q) * b + 0)) <= 0.
Proof.
  intros H. destruct (scaled (Zpos p) q) as [Q S]. change (Zneg q) with (- Zpos q)%Z.
  rewrite opp_IZR, S. assert (IZR (Zpos q) * (fraction (Zpos p) q + a) <= IZR (Zpos q) * b)
    by (apply Rmult_le_compat_l; lra). lra.
Qed.

(** For keys a and payloads b of which w has the largest sum: the sum, the key and the payload of w,
    which has the largest key, and of tied keys the largest payload. *)
Theorem pack_keys_means net n levels p q payloads key over least step : (0 < n)%nat ->
    inputs net = (n + n)%nat -> length (outputs net) = 3%nat ->
    claim_true RField net (pack_keys_claim n levels p q payloads key over least step) ->
    forall (v u : list R) w, length v = n -> length u = n -> (w < n)%nat ->
    let a i := nth i v 0 in let b i := nth i u 0 in
    (forall i, (i < n)%nat -> a i + b i <= a w + b w) ->
    (forall i, (i < n)%nat -> let s := fraction (Zpos p) q in
      s + a i <= a w \/ a i = a w \/ s + a w <= a i) ->
    in_range payloads u -> in_range key [a w] ->
    (exists j : nat, a w = fraction least over + INR j * fraction (Zpos step) over) ->
    compute RField net (v ++ u)%list = [a w + b w; a w; b w] /\
    forall i, (i < n)%nat -> a i < a w \/ a i = a w /\ b i <= b w.
Proof.
  intros Hn Hi Ho H v u w Hv Hu Lw a b Best Apart Payloads Key [j J].
  assert (Lo := compute_length net (v ++ u)%list). rewrite Ho in Lo.
  destruct (compute RField net (v ++ u)%list) as [|y [|k [|r [|]]]] eqn:E; try discriminate.
  apply claim_says with (v := (v ++ u)%list) in H; [|rewrite app_length; congruence].
  destruct H as (_ & H & _).
  cbv [pack_keys_claim the_sums equals bounds] in H. read H. rewrite E in H.
  rewrite !(first_of false _ _ v u), !(second_of false _ _ v u) in H by auto.
  rewrite (first_of true _ _ [y] [k; r]) in H by auto.
  rewrite (array_part true _ _ [y; k; r] "k"), (array_part true _ _ [y; k; r] "q") in H
    by (simpl; auto).
  cbn [nth firstn skipn] in H. rewrite sums_are in H.
  destruct (largest_exists (sums n v u) (not_empty _ n Hn (sums_length n v u))) as [m M].
  destruct (H w Lw m M) as ([[C1 _]|[]] & C2 & [[C3 _]|[]] & [[C4 _]|[]] & _);
    fold (a w) (b w) in *.
  - split; [exact Logic.I|]. rewrite sums_length. split; [exact Lw|].
    split; intros i Li; cbn [ahead]; rewrite !nth_sums by lia; apply Best; lia.
  - intros i Li. specialize (Apart i Li). cbv zeta in Apart. fold (a i).
    destruct Apart as [G|[G|G]].
    + left. split; [apply apart_by; exact G|auto].
    + right; left. split; [lra|auto].
    + right; right; left. split; [apply apart_by; exact G|auto].
  - intros i Li. left. destruct (Payloads (nth i u 0)) as [G1 G2]; [apply nth_In; lia|].
    split; [apply above_low, G1|]. split; [apply below_high, G2|auto].
  - left. destruct (Key (a w)) as [G1 G2]; [left; reflexivity|].
    split; [apply above_low, G1|]. split; [apply below_high, G2|auto].
  - intros i Li. destruct (scaled least over) as [P S1], (scaled (Zpos step) over) as [_ S2].
    assert (Ea : IZR (Zpos over) * a w = IZR least + INR j * IZR (Zpos step)).
    { rewrite J, S1, S2 at 1. ring. }
    assert (Ps : 0 < IZR (Zpos step)) by (apply IZR_lt; reflexivity).
    change (Zneg step) with (- Zpos step)%Z. change (Zneg over) with (- Zpos over)%Z.
    rewrite plus_IZR, !opp_IZR. destruct (Nat.le_gt_cases j i) as [L|L].
    + left. split; [|auto]. apply le_INR in L.
      assert (INR j * IZR (Zpos step) <= INR i * IZR (Zpos step))
        by (apply Rmult_le_compat_r; lra). lra.
    + right; left. split; [|auto]. apply le_INR in L. rewrite S_INR in L.
      assert ((INR i + 1) * IZR (Zpos step) <= INR j * IZR (Zpos step))
        by (apply Rmult_le_compat_r; lra). lra.
  - split; [f_equal; [|f_equal; [|f_equal]]; lra|]. intros i Li. specialize (C2 i Li).
    fold (a i) (b i) in C2. destruct C2 as [[G _]|[(G1 & G2 & _)|[]]]; [left|right]; lra.
Qed.
