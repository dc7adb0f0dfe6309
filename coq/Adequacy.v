(** What the claims of the catalogue say, read back as plain sentences about lists of reals.

    [claim_says] reads any claim: its names are replaced by what they stand for, its integers by
    Coq's. The other files have a sentence for each function of the catalogue, made from it. *)
From Coq Require Import String List ZArith Reals Lra Lia OrderedRing.
Import ListNotations.
From Relumax Require Import Statement FormsSound NetworkSound Instances.
Open Scope string_scope.
Open Scope R_scope.

(** Integers, fractions and units of the field of reals are Coq's. *)
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

Lemma over_real x d : over RField x d = x / IZR (Zpos d).
Proof.
  unfold over. rewrite z_real. reflexivity.
Qed.

(** p/q, which is p itself where q is 1. *)
Definition fraction (p : Z) (q : positive) : R := match q with
  | xH => IZR p | _ => IZR p / IZR (Zpos q) end.

Lemma fraction_real p q : IZR p / IZR (Zpos q) = fraction p q.
Proof.
  destruct q; try reflexivity. cbn [fraction]. lra.
Qed.

Lemma ratio_real p q : ratio RField p q = fraction (Zpos p) q.
Proof.
  unfold ratio. rewrite over_real, z_real. apply fraction_real.
Qed.

(** Integers q t and p compare as t and p/q do. *)
Lemma scaled p q : 0 < IZR (Zpos q) /\ IZR p = IZR (Zpos q) * fraction p q.
Proof.
  assert (H : 0 < IZR (Zpos q)) by (apply IZR_lt; reflexivity). split; [exact H|].
  rewrite <- fraction_real. field. lra.
Qed.

Lemma scaled_le q a b : IZR (Zpos q) * a <= IZR (Zpos q) * b <-> a <= b.
Proof.
  destruct (scaled 0 q) as [P _]. split; intros H.
  - apply Rmult_le_reg_l in H; auto.
  - apply Rmult_le_compat_l; lra.
Qed.

Lemma relu_real x : relu RField x = Rmax 0 x.
Proof.
  unfold relu. change (leb RField x (zero RField)) with (R_leb x 0). change (zero RField) with 0.
  assert (S := R_leb_spec x 0). destruct (R_leb x 0).
  - rewrite Rmax_left; [reflexivity|apply S; reflexivity].
  - rewrite Rmax_right; [reflexivity|]. destruct (Rle_dec x 0) as [L|L]; [|lra].
    apply S in L. discriminate.
Qed.

(** A list has a largest element and a smallest. *)
Definition largest (m : R) (x : list R) : Prop := In m x /\ forall a, In a x -> a <= m.
Definition smallest (m : R) (x : list R) : Prop := In m x /\ forall a, In a x -> m <= a.

Lemma largest_exists (x : list R) : x <> [] -> exists m, largest m x.
Proof.
  induction x as [|a x IH]; [congruence|]. intros _. destruct x as [|b x].
  - exists a. split; [left; auto|]. intros y [<-|[]]. lra.
  - destruct IH as [m [M1 M2]]; [congruence|]. destruct (Rle_dec a m) as [L|L].
    + exists m. split; [right; auto|]. intros y [<-|H]; [exact L|apply M2; exact H].
    + exists a. split; [left; auto|]. intros y [<-|H]; [lra|]. apply M2 in H. lra.
Qed.

Lemma smallest_opp m x : smallest m x <-> largest (- m) (map Ropp x).
Proof.
  unfold smallest, largest. rewrite in_map_iff. split; intros [I B]; split.
  - exists m. auto.
  - intros a Ha. apply in_map_iff in Ha as (b & <- & Ib). apply B in Ib. lra.
  - destruct I as (b & E & Ib). replace m with b by lra. exact Ib.
  - intros a Ia. apply (in_map Ropp) in Ia. apply B in Ia. lra.
Qed.

Lemma smallest_exists (x : list R) : x <> [] -> exists m, smallest m x.
Proof.
  intros N. destruct (largest_exists (map Ropp x)) as [m M].
  { destruct x; [congruence|discriminate]. }
  exists (- m). apply smallest_opp. rewrite Ropp_involutive. exact M.
Qed.

(** * Reading a claim *)

Section Reading.
Variable e : env RField.
Definition meant (i : nat) (r : reference) : R := match r with
  | Element a k => nth k (arr RField e a) 0
  | ElementAt a w => nth (idx RField e w) (arr RField e a) 0
  | ElementI a => nth i (arr RField e a) 0
  | Scalar m => sca RField e m
  | IndexOf w => INR (idx RField e w)
  | I => INR i
  end.
Definition sum_of (i : nat) (l : list (Z * reference)) : R :=
  fold_right (fun p t => IZR (fst p) * meant i (snd p) + t) 0 l.
Definition value (i : nat) (s : affine) : R := IZR (offset s) + sum_of i (parts s).

(** All of some things, and one of them at least. *)
Fixpoint all_of {A} (P : A -> Prop) (l : list A) : Prop := match l with
  | [] => True | a :: l => P a /\ all_of P l end.
Fixpoint some_of {A} (P : A -> Prop) (l : list A) : Prop := match l with
  | [] => False | a :: l => P a \/ some_of P l end.

Lemma all_of_in {A} (P : A -> Prop) l : all_of P l <-> forall a, In a l -> P a.
Proof.
  induction l as [|a l IH]; cbn [all_of]; [split; [intros _ b []|auto]|]. rewrite IH. split.
  - intros [H1 H2] b [<-|I]; auto.
  - intros H. split; [|intros b I]; apply H; [left|right]; auto.
Qed.

Definition atom_says (i : nat) (a : relation * affine) : Prop := match fst a with
  | EQ => value i (snd a) = 0 | LE => value i (snd a) <= 0 | LT => value i (snd a) < 0 end.
Definition any_says (i : nat) (bs : list (list (relation * affine))) : Prop :=
  some_of (all_of (atom_says i)) bs.
Definition clause_says (c : clause) : Prop := match each c with
  | None => any_says 0 (any c)
  | Some n => forall i, (i < n)%nat -> match where_ c with
    | None => any_says i (any c)
    | Some (Before, w) => (i < idx RField e w)%nat -> any_says i (any c)
    | Some (After, w) => (idx RField e w < i)%nat -> any_says i (any c)
    | Some (Except, w) => i <> idx RField e w -> any_says i (any c)
    end
  end.
End Reading.

(** How a number compares with the winner's. *)
Definition ahead (c : condition) (a b : R) : Prop := match c with
  | Less => a < b
  | LessEqual => a <= b
  | Gap p q => a + fraction (Zpos p) q <= b
  | Tie p q => a = b \/ a + fraction (Zpos p) q <= b
  end.
(** Those before the winner w, and those after it, compare with it so. *)
Definition wins (before after : R -> R -> Prop) (n : nat) (x : list R) (w : nat) : Prop :=
  (w < n)%nat /\ (forall i, (i < w)%nat -> before (nth i x 0) (nth w x 0)) /\
  (forall i, (w < i < n)%nat -> after (nth i x 0) (nth w x 0)).
Definition on_lattice (lattice : option (positive * positive)) (x : list R) : Prop :=
  match lattice with
  | None => True
  | Some (p, q) => forall a, In a x -> exists k : Z, a = IZR k * fraction (Zpos p) q
  end.
Definition requirement_says (e : env RField) (r : requirement) : Prop := match r with
  | RequireClause c => clause_says e c
  | RequireWinner w a before after lattice => on_lattice lattice (arr RField e a) /\
      wins (ahead before) (ahead after) (length (arr RField e a)) (arr RField e a) (idx RField e w)
  end.

(** What definitions make of names. *)
Definition shaped_real (f : shape) (x : R) : R := match f with
  | Linear => x | Unit Relu => Rmax 0 x | Unit Step => step RField x end.
Definition value_of (e : env RField) (d : definition) : env RField := match d with
  | DefineArray a n f d s => set_arr RField e a
      (map (fun i => shaped_real f (value e i s / IZR (Zpos d))) (seq 0 n))
  | DefineScalar m f d s => set_sca RField e m (shaped_real f (value e 0 s / IZR (Zpos d)))
  | DefineList a l => set_arr RField e a (map (fun p => value e 0 (snd p) / IZR (Zpos (fst p))) l)
  | DefineMax _ _ | DefineMin _ _ => e
  end.
Fixpoint defined (e : env RField) (ds : list definition) (says : env RField -> Prop) : Prop :=
  match ds with
  | [] => says e
  | DefineMax m a :: ds => forall x, largest x (arr RField e a) ->
      defined (set_sca RField e m x) ds says
  | DefineMin m a :: ds => forall x, smallest x (arr RField e a) ->
      defined (set_sca RField e m x) ds says
  | d :: ds => defined (value_of e d) ds says
  end.

(** A statement at the inputs v: for all indices, if what is required, then what is ensured. *)
Fixpoint implied (P : requirement -> Prop) (l : list requirement) (Q : Prop) : Prop :=
  match l with [] => Q | r :: l => P r -> implied P l Q end.
Fixpoint chosen (l : list (name * nat)) (says : list (name * nat) -> Prop) : Prop := match l with
  | [] => says []
  | (w, n) :: l => forall k, (k < n)%nat -> chosen l (fun ws => says ((w, k) :: ws))
  end.
Definition says (net : network) (al : list array) (s : statement) (v : list R) : Prop :=
  chosen (index s) (fun ws => defined (initial RField al v (compute RField net v) ws) (define s)
    (fun e => implied (requirement_says e) (requires s) (all_of (clause_says e) (ensures s)))).

(** * It says what is claimed *)

Lemma meant_ok e i r : reference_value RField e i r = meant e i r.
Proof.
  destruct r; try reflexivity; apply nat_real.
Qed.

Lemma value_ok e i s : affine_value RField e i s = value e i s.
Proof.
  unfold affine_value, value, sum_of. rewrite z_real.
  assert (E : fold_right (fun p t => add RField (mul RField (z RField (fst p))
    (reference_value RField e i (snd p))) t) (zero RField) (parts s) =
    fold_right (fun p t => IZR (fst p) * meant e i (snd p) + t) 0 (parts s)).
  { induction (parts s) as [|p l IH]; [reflexivity|]. cbn [fold_right].
    rewrite IH, z_real, meant_ok. reflexivity. }
  exact (f_equal (Rplus (IZR (offset s))) E).
Qed.

Lemma any_ok e i bs : any_true RField e i bs <-> any_says e i bs.
Proof.
  assert (A : forall b, (forall a, In a b -> holds_relation RField (fst a)
    (affine_value RField e i (snd a))) <-> all_of (atom_says e i) b).
  { induction b as [|a b IH]; cbn [all_of]; [split; [auto|intros _ a []]|]. rewrite <- IH.
    unfold atom_says. rewrite <- value_ok. destruct a as [r s]. split.
    - intros H. split; [exact (H (r, s) (or_introl eq_refl))|]. intros c Hc. apply H. right. auto.
    - intros [H1 H2] c [<-|Hc]; [exact H1|apply H2, Hc]. }
  unfold any_true, any_says. induction bs as [|b bs IH]; cbn [some_of].
  - split; [intros (b & [] & _)|intros []].
  - rewrite <- IH, <- A. split.
    + intros (c & [<-|Hc] & H); [left; exact H|right; exists c; auto].
    + intros [H|(c & Hc & H)]; [exists b|exists c]; split; auto; [left|right]; auto.
Qed.

Lemma clause_ok e c : clause_true RField e c <-> clause_says e c.
Proof.
  unfold clause_true, clause_says. destruct (each c) as [n|]; [|apply any_ok].
  split; intros H i L; specialize (H i L); destruct (where_ c) as [[[] w]|]; cbn [guarded] in *;
    intros; apply any_ok; auto.
Qed.

Lemma clauses_ok e l : Forall (clause_true RField e) l <-> all_of (clause_says e) l.
Proof.
  induction l as [|c l IH]; cbn [all_of]; [split; auto|]. rewrite Forall_cons_iff, IH, clause_ok.
  reflexivity.
Qed.

Lemma ahead_ok c a b : condition_true RField c a b <-> ahead c a b.
Proof.
  destruct c; cbn [condition_true ahead]; rewrite ?ratio_real; reflexivity.
Qed.

Lemma requirement_ok e r : requirement_says e r -> requirement_true RField e r.
Proof.
  destruct r as [c|w a before after lattice]; [apply clause_ok|].
  intros (On & _ & B & A). cbn [requirement_true]. cbv zeta. split; [|split].
  - intros i L. apply ahead_ok, B, L.
  - intros i L. apply ahead_ok, A, L.
  - destruct lattice as [[p q]|]; auto. intros y Iy. destruct (On y Iy) as [k E]. exists k.
    rewrite z_real, ratio_real. exact E.
Qed.

Lemma shaped_ok f x : shaped RField f x = shaped_real f x.
Proof.
  destruct f as [|[]]; try reflexivity. apply relu_real.
Qed.

Lemma defined_ok ds (P : env RField -> Prop) : forall e,
    (forall e', defines_all RField e ds e' -> P e') -> defined e ds P.
Proof.
  induction ds as [|d ds IH]; intros e H; [apply H; reflexivity|].
  assert (G : forall e1, defines RField e d e1 -> defined e1 ds P).
  { intros e1 D. apply IH. intros e' De. apply H. exists e1. auto. }
  destruct d as [a n f d s|m f d s|m a|m a|a l]; cbn [defined].
  - apply G. cbn [defines value_of]. f_equal. apply map_ext. intros i.
    rewrite <- shaped_ok, <- value_ok, over_real. reflexivity.
  - apply G. cbn [defines value_of]. rewrite <- shaped_ok, <- value_ok, over_real. reflexivity.
  - intros x M. apply G. exists x. auto.
  - intros x M. apply G. exists x. auto.
  - apply G. cbn [defines value_of]. f_equal. apply map_ext. intros p.
    rewrite <- value_ok, over_real. reflexivity.
Qed.

Lemma implied_ok e l (Q : Prop) : (Forall (requirement_true RField e) l -> Q) ->
    implied (requirement_says e) l Q.
Proof.
  induction l as [|r l IH]; intros H; cbn [implied]; [apply H; constructor|].
  intros R. apply IH. intros Rs. apply H. constructor; [apply requirement_ok, R|exact Rs].
Qed.

Lemma chosen_ok l : forall (P : list (name * nat) -> Prop),
    (forall ws, Forall2 (fun k w => (k < snd w)%nat) ws l -> P (combine (map fst l) ws)) ->
    chosen l P.
Proof.
  induction l as [|[w n] l IH]; intros P H; [exact (H [] (Forall2_nil _))|]. cbn [chosen].
  intros k L. apply IH. intros ws F. apply (H (k :: ws)). constructor; auto.
Qed.

(** Any claim, read. *)
Theorem claim_says net c : claim_true RField net c -> forall v : list R, length v = inputs net ->
    all_of (fun s => says net (arrays c) s v) (statements c).
Proof.
  unfold claim_true. intros H v Hv. induction H as [|s l H _ IH]; cbn [all_of]; [auto|].
  split; [|exact IH]. apply chosen_ok. intros ws F. apply defined_ok. intros e D. apply implied_ok.
  intros R. apply clauses_ok. exact (H v Hv ws F e D R).
Qed.

(** * What stands in arrays *)

Lemma array_part (o : bool) (v y from : list R) a b n : (if o then y else v) = from ->
    (b + n <= length from)%nat ->
    array_value RField v y (Array a o b 1 n) = firstn n (skipn b from).
Proof.
  intros E L. transitivity (map (fun i => nth (b + 1 * i) from 0) (seq 0 n)).
  { destruct o; rewrite <- E; reflexivity. }
  clear E. revert from L. induction b as [|b IH]; intros from L.
  - cbn [skipn]. rewrite <- (map_nth_seq RField (firstn n from)), firstn_length_le by lia.
    apply map_ext_in. intros i Ii. apply in_seq in Ii. rewrite Nat.mul_1_l. cbn [Nat.add].
    change (zero RField) with 0. rewrite <- (firstn_skipn n from) at 1. apply app_nth1.
    rewrite firstn_length_le; lia.
  - destruct from as [|t from]; [simpl in L; lia|]. cbn [skipn].
    rewrite <- IH by (simpl in L; lia). reflexivity.
Qed.

(** All inputs or all outputs; of two lists of them the first, and the second. *)
Lemma whole_in (v y : list R) a n : length v = n ->
    array_value RField v y (Array a false 0 1 n) = v.
Proof.
  intros <-. rewrite (array_part false v y v) by auto. apply firstn_all.
Qed.

Lemma whole_out (v y : list R) a n : length y = n ->
    array_value RField v y (Array a true 0 1 n) = y.
Proof.
  intros <-. rewrite (array_part true v y y) by auto. apply firstn_all.
Qed.

Lemma first_of (o : bool) (v y s t : list R) a n :
    (if o then y else v) = (s ++ t)%list -> length s = n ->
    array_value RField v y (Array a o 0 1 n) = s.
Proof.
  intros E <-. rewrite (array_part o v y (s ++ t)%list) by (try rewrite app_length; auto; lia).
  cbn [skipn]. rewrite firstn_app, firstn_all, Nat.sub_diag. apply app_nil_r.
Qed.

Lemma second_of (o : bool) (v y s t : list R) a b n : (if o then y else v) = (s ++ t)%list ->
    length s = b -> length t = n -> array_value RField v y (Array a o b 1 n) = t.
Proof.
  intros E <- <-. rewrite (array_part o v y (s ++ t)%list) by (try rewrite app_length; auto; lia).
  rewrite skipn_app, skipn_all, Nat.sub_diag. apply firstn_all.
Qed.

Lemma compute_length net (x : list R) :
    length (compute RField net x) = length (outputs net).
Proof.
  unfold compute. apply map_length.
Qed.

Lemma one_output net (x : list R) : length (outputs net) = 1%nat ->
    exists y, compute RField net x = [y].
Proof.
  rewrite <- (compute_length net x).
  destruct (compute RField net x) as [|y [|? ?]]; try discriminate. intros _. exists y. reflexivity.
Qed.

Lemma not_empty (x : list R) n : (0 < n)%nat -> length x = n -> x <> [].
Proof.
  intros L <- ->. simpl in L. lia.
Qed.

(** Puts into what is claimed what its names stand for. *)
Ltac read H := cbv [says chosen defined implied all_of some_of requirement_says clause_says any_says
  atom_says value sum_of meant value_of shaped_real fold_right fold_left initial no_names set_arr
  set_sca set_idx arr sca idx update String.eqb Ascii.eqb Bool.eqb array_name fst snd offset parts
  each where_ any index define requires ensures arrays statements] in H;
  change (carrier RField) with R in *.

(** * Arrays that many claims have *)

Definition x_and_y (n k : nat) : list array := [Array "x" false 0 1 n; Array "y" true 0 1 k].
Definition equals (l : list (Z * reference)) : clause := Clause None None [[(EQ, Affine 0 l)]].
