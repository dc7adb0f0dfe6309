(** As Adequacy.v, for the claims that speak of a winner or promise something of the inputs: the
    essay's maximum, one-hot vectors, the step construction, the gate. *)
From Coq Require Import String List ZArith Reals Lra Lia Bool OrderedRing.
Import ListNotations.
From Relumax Require Import Statement Elaborate FormsSound NetworkSound Soundness Instances
  Adequacy.
Open Scope string_scope.
Open Scope R_scope.

(** * What names stand for at the beginning *)

Lemma initial_arr al x y ws a : distinct (map array_name al) = true -> In a al ->
    arr RField (initial RField al x y ws) (array_name a) = array_value RField x y a.
Proof.
  intros D I. rewrite <- (distinct_arr RField x y al a D I). unfold initial. fold (no_names RField).
  generalize (fold_right (fun a e => set_arr RField e (array_name a) (array_value RField x y a))
    (no_names RField) al). clear. induction ws as [|w ws IH]; intros e; simpl; auto. rewrite IH.
      auto.
Qed.

Lemma nth_array (x y : list R) a i : (i < array_length a)%nat ->
    nth i (array_value RField x y a) 0 = nth (base a + stride a * i) (if is_output a then y else x)
    0.
Proof.
  intros L. unfold array_value. set (from := if is_output a then y else x).
  rewrite (nth_indep _ 0 (nth (base a + stride a * (array_length a)) from 0))
    by (rewrite map_length, seq_length; exact L).
  rewrite (map_nth (fun i => nth (base a + stride a * i) from 0)). rewrite seq_nth; auto.
Qed.

Lemma array_value_length x y a : length (array_value RField x y a) = array_length a.
Proof.
  unfold array_value. rewrite map_length. apply seq_length.
Qed.

(** The index of the one winner of the claim. *)
Lemma initial_idx al x y w k : idx RField (initial RField al x y [(w, k)]) w = k.
Proof.
  unfold initial. simpl. unfold update. rewrite String.eqb_refl. reflexivity.
Qed.

(** A clause of one equality, without i and with i; what it says once values are put in. *)
Lemma equals_value e l : clause_true RField e (equals l) ->
    fold_right (fun p t => IZR (fst p) * reference_value RField e 0 (snd p) + t) 0 l = 0.
Proof.
  intros (b & [<-|[]] & H). specialize (H _ (or_introl eq_refl)). cbn [fst snd] in H.
  unfold affine_value in H. cbn [offset parts holds_relation] in H. rewrite z_real in H.
  change (0 + fold_right (fun p t => z RField (fst p) * reference_value RField e 0 (snd p) + t) 0 l
    = 0) in H. rewrite Raxioms.Rplus_0_l in H. eapply eq_trans; [|exact H]. clear.
  induction l as [|[c r] l IH]; cbn [fold_right fst snd]; [reflexivity|].
  rewrite IH, z_real. reflexivity.
Qed.

(** * max/essay: the maximum, for inputs that are not negative *)

Definition essay_claim (n : nat) : claim := Claim (x_and_y n 1)
  [Statement [] [DefineMax "m" "x"]
    [RequireClause (Clause (Some n) None [[(LE, Affine 0 [((-1)%Z, ElementI "x")])]])]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, Scalar "m")]]].

Theorem essay_means net n : (0 < n)%nat -> inputs net = n -> length (outputs net) = 1%nat ->
    claim_true RField net (essay_claim n) -> forall x : list R, length x = n ->
    (forall y, In y x -> 0 <= y) -> exists m, compute RField net x = [m] /\ In m x /\ forall y,
    In y x -> y <= m.
Proof.
  intros Hn Hi Ho H x Hx Pos. apply Forall_inv in H.
  destruct (max_exists x) as [m M]. { destruct x; simpl in Hx; [lia|discriminate]. }
  assert (Hy := compute_length net x). rewrite Ho in Hy.
  destruct (initial_x_y n 1 x (compute RField net x) [] Hx Hy) as [Ex Ey].
  specialize (H x (eq_trans Hx (eq_sym Hi)) [] (Forall2_nil _)). cbv zeta in H.
  cbn [index map combine define requires ensures] in H. set (e0 := initial _ _ _ _ _) in *.
  assert (D : defines_all RField e0 [DefineMax "m" "x"] (set_sca RField e0 "m" m)).
  { eexists. split; [|reflexivity]. exists m. rewrite Ex. auto. }
  specialize (H _ D). assert (P : Forall (requirement_true RField (set_sca RField e0 "m" m))
    (requires (hd (Statement [] [] [] []) (statements (essay_claim n))))).
  { constructor; [|constructor]. intros i L _. eexists. split; [left; reflexivity|].
    intros a [<-|[]]. cbn [fst snd holds_relation]. unfold affine_value.
    cbn [offset parts fold_right fst snd reference_value set_sca arr]. rewrite Ex, !z_real.
    assert (B : 0 <= nth i x 0) by (apply Pos, nth_In; rewrite Hx; exact L).
    change (0 + (-1 * nth i x 0 + 0) <= 0). lra. }
  specialize (H P). apply Forall_inv, equals_value in H.
  cbn [fold_right fst snd reference_value set_sca arr sca] in H. rewrite Ey in H.
  unfold update in H. simpl String.eqb in H. cbv iota in H. exists m. split; [|exact M].
  destruct (compute RField net x) as [|v [|? ?]]; try discriminate. cbn [nth] in H. f_equal. lra.
Qed.

(** * argmax/onehot with gap p/q: the one-hot vector of a winner that leads by it *)

Definition one_hot_ensures (n : nat) : list clause :=
  [Clause None None [[(EQ, Affine (-1) [(1%Z, ElementAt "y" "w")])]];
   Clause (Some n) (Some (Except, "w")) [[(EQ, Affine 0 [(1%Z, ElementI "y")])]]].
Definition one_hot_statement (n : nat) (ds : list definition) (before after : condition)
    (more : list clause) : statement :=
  Statement [("w", n)] ds [RequireWinner "w" "x" before after None] (one_hot_ensures n ++ more).

Lemma one_hot_value e n more w : Forall (clause_true RField e) (one_hot_ensures n ++ more) ->
    idx RField e "w" = w -> nth w (arr RField e "y") 0 = 1 /\ forall i, (i < n)%nat -> i <> w ->
    nth i (arr RField e "y") 0 = 0.
Proof.
  intros H Hw. inversion H as [|? ? H1 H']; subst. inversion H' as [|? ? H2 _]; subst. split.
  - destruct H1 as (b & [<-|[]] & H1). specialize (H1 _ (or_introl eq_refl)).
    cbn [fst snd holds_relation] in H1. unfold affine_value in H1.
    cbn [offset parts fold_right fst snd reference_value] in H1. rewrite !z_real in H1.
    change (-1 + (1 * nth (idx RField e "w") (arr RField e "y") 0 + 0) = 0) in H1. lra.
  - intros i L D. destruct (H2 i L D) as (b & [<-|[]] & C). specialize (C _ (or_introl eq_refl)).
    cbn [fst snd holds_relation] in C. unfold affine_value in C.
    cbn [offset parts fold_right fst snd reference_value] in C. rewrite !z_real in C.
    change (0 + (1 * nth i (arr RField e "y") 0 + 0) = 0) in C. lra.
Qed.

(** A winner whose requirement holds, in plain words. *)
Definition wins (before after : R -> R -> Prop) (n : nat) (x : list R) (w : nat) : Prop :=
  (w < n)%nat /\ (forall i, (i < w)%nat -> before (nth i x 0) (nth w x 0)) /\
  (forall i, (w < i < n)%nat -> after (nth i x 0) (nth w x 0)).

Lemma requires_winner e a before after n (x : list R) w : (forall i, (i < n)%nat ->
    nth i (arr RField e a) 0 = nth i x 0) -> length (arr RField e a) = n ->
    idx RField e "w" = w -> wins (condition_true RField before) (condition_true RField after) n x w
    -> requirement_true RField e (RequireWinner "w" a before after None).
Proof.
  intros Ex Lx Hw (L & B & After). cbn [requirement_true]. cbv zeta. rewrite Lx, Hw.
  change (zero RField) with 0. split; [|split; [|exact Logic.I]].
  - intros i Hi. rewrite !Ex by lia. apply B, Hi.
  - intros i Hi. rewrite !Ex by lia. apply After, Hi.
Qed.

Definition onehot_claim (n : nat) (p q : positive) (first : statement) : claim := Claim
  (x_and_y n n) [first; one_hot_statement n [DefineMax "m" "x"] (Gap p q) (Gap p q) []].

Theorem onehot_means net n p q first : inputs net = n -> length (outputs net) = n ->
    claim_true RField net (onehot_claim n p q first) -> forall (x : list R) w, length x = n ->
    let leads a b := a + IZR (Zpos p) / IZR (Zpos q) <= b in wins leads leads n x w ->
    nth w (compute RField net x) 0 = 1 /\ forall i, (i < n)%nat -> i <> w ->
    nth i (compute RField net x) 0 = 0.
Proof.
  intros Hi Ho H x w Hx leads W. apply Forall_inv_tail, Forall_inv in H.
  assert (Hy := compute_length net x). rewrite Ho in Hy.
  destruct (initial_x_y n n x (compute RField net x) [("w", w)] Hx Hy) as [Ex Ey].
  assert (Ws : Forall2 (fun (k : nat) (w : name * nat) => (k < snd w)%nat) [w] [("w", n)]).
  { constructor; [apply W|constructor]. }
  specialize (H x (eq_trans Hx (eq_sym Hi)) [w] Ws). cbv zeta in H.
  cbn [one_hot_statement index map combine define requires ensures fst] in H.
  set (e0 := initial RField _ x (compute RField net x) [("w", w)]) in *.
  assert (Iw : idx RField e0 "w" = w) by apply initial_idx.
  destruct (max_exists x) as [m M]. { destruct x; [destruct W; simpl in Hx; lia|discriminate]. }
  set (e := set_sca RField e0 "m" m).
  assert (D : defines_all RField e0 [DefineMax "m" "x"] e).
  { eexists. split; [|reflexivity]. exists m. rewrite Ex. auto. }
  specialize (H e D). rewrite <- Ey. apply (one_hot_value e n [] w); [|exact Iw].
  apply H. constructor; [|constructor]. apply (requires_winner e "x" _ _ n x w).
  - intros i _. change (arr RField e "x") with (arr RField e0 "x"). rewrite Ex. reflexivity.
  - change (arr RField e "x") with (arr RField e0 "x"). rewrite Ex. exact Hx.
  - exact Iw.
  - destruct W as (L & B & A). split; [exact L|]. split; intros i Hi'; cbn [condition_true];
      rewrite ratio_real; [apply B, Hi'|apply A, Hi'].
Qed.

(** * argmax/step: the one-hot vector and the index of the first of the largest, for all inputs *)

Definition step_claim (n : nat) : claim := Claim
  [Array "x" false 0 1 n; Array "y" true 0 1 n; Array "k" true n 1 1]
  [one_hot_statement n [] Less LessEqual [equals [(1%Z, Element "k" 0); ((-1)%Z, IndexOf "w")]]].

Theorem step_means net n : inputs net = n -> length (outputs net) = S n ->
    claim_true RField net (step_claim n) -> forall (x : list R) w, length x = n ->
    wins Rlt Rle n x w -> let y := compute RField net x in nth w y 0 = 1 /\
    (forall i, (i < n)%nat -> i <> w -> nth i y 0 = 0) /\ nth n y 0 = INR w.
Proof.
  intros Hi Ho H x w Hx W y. apply Forall_inv in H. assert (L := proj1 W).
  set (al := arrays (step_claim n)) in *. assert (D : distinct (map array_name al) = true) by
    reflexivity.
  set (e0 := initial RField al x y [("w", w)]).
  assert (Ex : arr RField e0 "x" = array_value RField x y (Array "x" false 0 1 n)).
  { apply (initial_arr al x y _ (Array "x" false 0 1 n) D). left; reflexivity. }
  assert (Ey : arr RField e0 "y" = array_value RField x y (Array "y" true 0 1 n)).
  { apply (initial_arr al x y _ (Array "y" true 0 1 n) D). right; left; reflexivity. }
  assert (Ek : arr RField e0 "k" = array_value RField x y (Array "k" true n 1 1)).
  { apply (initial_arr al x y _ (Array "k" true n 1 1) D). right; right; left; reflexivity. }
  assert (Ws : Forall2 (fun (k : nat) (w : name * nat) => (k < snd w)%nat) [w] [("w", n)]).
  { constructor; [exact L|constructor]. }
  specialize (H x (eq_trans Hx (eq_sym Hi)) [w] Ws). cbv zeta in H.
  cbn [one_hot_statement index map combine define requires ensures fst] in H. fold y e0 in H.
  assert (Iw : idx RField e0 "w" = w) by apply initial_idx. specialize (H e0 eq_refl).
  assert (R : Forall (requirement_true RField e0) [RequireWinner "w" "x" Less LessEqual None]).
  { constructor; [|constructor]. apply (requires_winner e0 "x" _ _ n x w); auto.
    - intros i Li. rewrite Ex, nth_array by exact Li. cbn [base stride is_output]. f_equal. lia.
    - rewrite Ex. apply array_value_length. }
  specialize (H R). assert (V := one_hot_value e0 n _ w H Iw). destruct V as [V1 V2].
  assert (Ny : forall i, (i < n)%nat -> nth i (arr RField e0 "y") 0 = nth i y 0).
  { intros i Li. rewrite Ey, nth_array by exact Li. cbn [base stride is_output].
    replace (0 + 1 * i)%nat with i by lia. reflexivity. }
  split; [|split].
  - rewrite <- Ny by exact L. exact V1.
  - intros i Li Di. rewrite <- Ny by exact Li. apply V2; auto.
  - apply Forall_inv_tail, Forall_inv_tail, Forall_inv, equals_value in H.
    cbn [fold_right fst snd reference_value] in H. rewrite Ek, Iw, nat_real in H.
    change (zero RField) with 0 in H. rewrite nth_array in H by (cbn [array_length]; lia).
    cbn [base stride is_output] in H. replace (n + 1 * 0)%nat with n in H by lia.
    set (a := nth n y 0) in *. change (1 * a + (-1 * INR w + 0) = 0) in H. lra.
Qed.

(** * select/gate and select/step: the payload of the winner, payloads from 0 to 1 *)

Definition payload_statement (n : nat) (before : condition) : statement :=
  Statement [("w", n)] [] [RequireWinner "w" "x" before LessEqual None;
     RequireClause (Clause (Some n) None [[(LE, Affine 0 [((-1)%Z, ElementI "p")]);
       (LE, Affine (-1) [(1%Z, ElementI "p")])]])]
    [equals [(1%Z, Element "y" 0); ((-1)%Z, ElementAt "p" "w")]].
Definition payload_claim (n : nat) (l : list statement) : claim := Claim
  [Array "x" false 0 1 n; Array "p" false n 1 n; Array "y" true 0 1 1] l.
Definition gate_claim (n : nat) (p q : positive) (first : statement) : claim :=
  payload_claim n [first; payload_statement n (Gap p q)].
Definition select_step_claim (n : nat) : claim := payload_claim n [payload_statement n Less].

Lemma payload_value net n before l : inputs net = (n + n)%nat -> length (outputs net) = 1%nat ->
    In (payload_statement n before) l -> claim_true RField net (payload_claim n l) ->
    forall (v : list R) w, length v = (n + n)%nat ->
    wins (condition_true RField before) Rle n v w ->
    (forall i, (i < n)%nat -> 0 <= nth (n + i) v 0 <= 1) ->
    compute RField net v = [nth (n + w) v 0].
Proof.
  intros Hi Ho I H v w Hv W B. unfold claim_true in H. rewrite Forall_forall in H.
  specialize (H _ I). assert (L := proj1 W).
  set (y := compute RField net v) in *. assert (Hy := compute_length net v). rewrite Ho in Hy.
  set (al := arrays (payload_claim n l)) in *.
  assert (D : distinct (map array_name al) = true) by reflexivity.
  set (e0 := initial RField al v y [("w", w)]).
  assert (Ex : arr RField e0 "x" = array_value RField v y (Array "x" false 0 1 n)).
  { apply (initial_arr al v y _ (Array "x" false 0 1 n) D). left; reflexivity. }
  assert (Ep : arr RField e0 "p" = array_value RField v y (Array "p" false n 1 n)).
  { apply (initial_arr al v y _ (Array "p" false n 1 n) D). right; left; reflexivity. }
  assert (Ey : arr RField e0 "y" = array_value RField v y (Array "y" true 0 1 1)).
  { apply (initial_arr al v y _ (Array "y" true 0 1 1) D). right; right; left; reflexivity. }
  assert (Np : forall i, (i < n)%nat -> nth i (arr RField e0 "p") 0 = nth (n + i) v 0).
  { intros i Li. rewrite Ep, nth_array by exact Li. cbn [base stride is_output]. f_equal. lia. }
  assert (Ws : Forall2 (fun (k : nat) (w : name * nat) => (k < snd w)%nat) [w] [("w", n)]).
  { constructor; [exact L|constructor]. }
  specialize (H v (eq_trans Hv (eq_sym Hi)) [w] Ws). cbv zeta in H.
  cbn [payload_statement index map combine define requires ensures fst] in H. fold y e0 in H.
  assert (Iw : idx RField e0 "w" = w) by apply initial_idx. specialize (H e0 eq_refl).
  match type of H with Forall _ ?rs -> _ => assert (R : Forall (requirement_true RField e0) rs) end.
  { constructor; [|constructor; [|constructor]].
    - apply (requires_winner e0 "x" _ _ n v w); auto.
      + intros i Li. rewrite Ex, nth_array by exact Li. cbn [base stride is_output]. f_equal. lia.
      + rewrite Ex. apply array_value_length.
    - intros i Li _. eexists. split; [left; reflexivity|]. specialize (B i Li).
      intros a [<-|[<-|[]]]; cbn [fst snd holds_relation]; unfold affine_value;
        cbn [offset parts fold_right fst snd reference_value]; change (zero RField) with 0;
        rewrite Np by exact Li; rewrite !z_real; set (b := nth (n + i) v 0) in *.
      + change (0 + (-1 * b + 0) <= 0). lra.
      + change (-1 + (1 * b + 0) <= 0). lra. }
  specialize (H R). apply Forall_inv, equals_value in H.
  cbn [fold_right fst snd reference_value] in H. change (zero RField) with 0 in H.
  rewrite Iw, Np in H by exact L. rewrite Ey, nth_array in H by (cbn [array_length]; lia).
  cbn [base stride is_output] in H. replace (0 + 1 * 0)%nat with 0%nat in H by lia.
  change (length y = 1%nat) in Hy. clear Ex Ep Ey Np R. clearbody y. clear e0 Iw.
  destruct y as [|a [|? ?]]; try discriminate. cbn [nth] in H. f_equal.
  set (b := nth (n + w) v 0) in *. change (1 * a + (-1 * b + 0) = 0) in H. simpl. lra.
Qed.

Theorem gate_means net n p q first : inputs net = (n + n)%nat -> length (outputs net) = 1%nat ->
    claim_true RField net (gate_claim n p q first) -> forall (v : list R) w,
    length v = (n + n)%nat -> wins (fun a b => a + IZR (Zpos p) / IZR (Zpos q) <= b) Rle n v w ->
    (forall i, (i < n)%nat -> 0 <= nth (n + i) v 0 <= 1) ->
    compute RField net v = [nth (n + w) v 0].
Proof.
  intros Hi Ho H v w Hv (L & B & A). apply (payload_value net n (Gap p q) _ Hi Ho) with (2 := H);
    auto; [right; left; reflexivity|]. split; [exact L|]. split; [|exact A]. intros i Li.
  cbn [condition_true]. rewrite ratio_real. apply B, Li.
Qed.

Theorem select_step_means net n : inputs net = (n + n)%nat -> length (outputs net) = 1%nat ->
    claim_true RField net (select_step_claim n) -> forall (v : list R) w,
    length v = (n + n)%nat -> wins Rlt Rle n v w ->
    (forall i, (i < n)%nat -> 0 <= nth (n + i) v 0 <= 1) ->
    compute RField net v = [nth (n + w) v 0].
Proof.
  intros Hi Ho H v w Hv W. apply (payload_value net n Less _ Hi Ho) with (2 := H); auto.
  left; reflexivity.
Qed.
