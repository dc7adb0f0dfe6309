(** What facts say of values of the variables; what is made of them says what it should. *)
From Coq Require Import List ZArith NArith Bool Lia FMapPositive Setoid.
Import ListNotations.
From Coq.micromega Require Import OrderedRing.
From Relumax Require Import Statement Kernel FormsSound.

Lemma rel_eqb_eq a b : relation_eqb a b = true -> a = b.
Proof.
  destruct a, b; simpl; congruence.
Qed.

Lemma kind_eqb_eq a b : kind_eqb a b = true -> a = b.
Proof.
  destruct a, b; simpl; congruence.
Qed.

Lemma list_eqb_eq {A} (f : A -> A -> bool) : (forall x y, f x y = true -> x = y) -> forall l m,
    list_eqb f l m = true -> l = m.
Proof.
  intros H. induction l; destruct m; simpl; intros E; try discriminate; auto.
  apply andb_true_iff in E as [E1 E2]. f_equal; auto.
Qed.

Lemma terms_eqb_eq a b : terms_eqb a b = true -> a = b.
Proof.
  apply list_eqb_eq. intros [i c] [j d] H. simpl in H. apply andb_true_iff in H as [H1 H2].
  apply N.eqb_eq in H1. apply Z.eqb_eq in H2. congruence.
Qed.

Lemma form_eqb_eq a b : form_eqb a b = true -> a = b.
Proof.
  destruct a, b. unfold form_eqb; simpl. rewrite !andb_true_iff. intros [[H1 H2] H3].
  apply Pos.eqb_eq in H1. apply Z.eqb_eq in H2. apply terms_eqb_eq in H3. congruence.
Qed.

Lemma atom_eqb_eq a b : atom_eqb a b = true -> a = b.
Proof.
  destruct a, b. unfold atom_eqb; simpl. rewrite !andb_true_iff. intros [[H1 H2] H3].
  apply rel_eqb_eq in H1. apply Z.eqb_eq in H2. apply terms_eqb_eq in H3. congruence.
Qed.

Lemma fact_eqb_eq a b : fact_eqb a b = true -> a = b.
Proof.
  destruct a, b; simpl; try discriminate; intros H. apply atom_eqb_eq in H; congruence. f_equal.
  revert H. apply list_eqb_eq, list_eqb_eq, atom_eqb_eq. apply andb_true_iff in H as [H1 H2].
  apply form_eqb_eq in H1. apply (list_eqb_eq _ form_eqb_eq) in H2. congruence.
Qed.

Lemma map_option_ok {A B} (f : A -> option B) l : forall m, map_option f l = Some m ->
    Forall2 (fun x y => f x = Some y) l m.
Proof.
  induction l as [|x l IH]; simpl; intros m H. inversion H; constructor.
  destruct (f x) eqn:E; [|discriminate]. destruct (map_option f l); [|discriminate].
  inversion H; subst. constructor; auto.
Qed.

Section FactsSound.
Variable K : OrderedField.
Let R := carrier K.
Notation "0" := (zero K).
Notation "1" := (one K).
Notation "x + y" := (add K x y).
Notation "x * y" := (mul K x y).
Notation "x - y" := (sub K x y).
Notation "- x" := (opp K x).
Notation "x <= y" := (le K x y).
Notation "x < y" := (lt K x y).
Add Ring Kring : (SORrt (laws K)).
Let so := laws K.
Notation z := (z K).
Notation dot := (dot K).
Notation over := (over K).
Notation value := (value K).
Notation holds_atom := (holds_atom K).
Definition holds (v : N -> R) (f : fact) : Prop := match f with FAtom a => holds_atom v a | FClause
    bs => Exists (Forall (holds_atom v)) bs | FMax h l => is_max K (value v h) (map (value v) l)
    end.
Definition agree (n : N) (v w : N -> R) := forall i, (i < n)%N -> v i = w i.
Definition terms_below (n : N) (ts : terms) := Forall (fun p => (fst p < n)%N) ts.
Definition form_below n f := terms_below n (lin f).
Definition atom_below n a := terms_below n (summands a).
Definition fact_below n f := match f with FAtom a => atom_below n a | FClause bs => Forall (Forall
    (atom_below n)) bs | FMax h l => form_below n h /\ Forall (form_below n) l end.

Lemma agree_sym n v w : agree n v w -> agree n w v.
Proof.
  intros H i Hi. symmetry; auto.
Qed.

Lemma agree_le n m v w : (n <= m)%N -> agree m v w -> agree n v w.
Proof.
  intros H A i Hi. apply A. lia.
Qed.

Lemma terms_below_le n m ts : (n <= m)%N -> terms_below n ts -> terms_below m ts.
Proof.
  intros H B. eapply Forall_impl; [|exact B]. simpl. intros; lia.
Qed.

Lemma fact_below_le n m f : (n <= m)%N -> fact_below n f -> fact_below m f.
Proof.
  intros H. destruct f; simpl. apply terms_below_le; auto. intros F. eapply Forall_impl; [|exact F].
  intros b F'. eapply Forall_impl; [|exact F']. intros a'. apply terms_below_le; auto. intros [D F].
  split. eapply terms_below_le; eauto. eapply Forall_impl; [|exact F]. intros a.
  apply terms_below_le; auto.
Qed.

Lemma value_ext v w f : (forall p, In p (lin f) -> v (fst p) = w (fst p)) -> value v f = value w f.
Proof.
  intros H. unfold FormsSound.value. rewrite (dot_ext K v w); auto.
Qed.

Lemma holds_atom_ext v w a : (forall p, In p (summands a) -> v (fst p) = w (fst p)) ->
    (holds_atom v a <-> holds_atom w a).
Proof.
  intros H. unfold FormsSound.holds_atom. rewrite (dot_ext K v w); auto. tauto.
Qed.

Lemma value_agree n f v w : form_below n f -> agree n v w -> value v f = value w f.
Proof.
  intros D A. apply value_ext. intros p Hp. apply A. unfold form_below, terms_below in D.
  rewrite Forall_forall in D. apply D; auto.
Qed.

Lemma holds_atom_agree n a v w : atom_below n a -> agree n v w ->
    (holds_atom v a <-> holds_atom w a).
Proof.
  intros D A. apply holds_atom_ext. intros p Hp. apply A. unfold atom_below, terms_below in D.
  rewrite Forall_forall in D. apply D; auto.
Qed.

Lemma holds_agree n f v w : fact_below n f -> agree n v w -> holds v f -> holds w f.
Proof.
  intros D A. destruct f as [a|bs|h l]; simpl in *. apply (holds_atom_agree n a v w D A). intros H.
  apply Exists_exists in H as [b [Hb H]]. apply Exists_exists. exists b. split; auto.
  rewrite Forall_forall in *. intros a Ha. specialize (D b Hb). rewrite Forall_forall in D.
  apply (holds_atom_agree n a v w (D a Ha) A); auto. destruct D as [D F].
  rewrite (value_agree n h v w D A). replace (map (value w) l) with (map (value v) l); auto.
  apply map_ext_in. intros a Ha. rewrite Forall_forall in F. apply (value_agree n); auto.
Qed.

Lemma scale_below n a ts : terms_below n ts -> terms_below n (scale a ts).
Proof.
  unfold scale. destruct (_ =? _)%Z; auto. induction 1; simpl; constructor; auto.
Qed.

Lemma opposite_below n ts : terms_below n ts -> terms_below n (opposite_terms ts).
Proof.
  induction 1; simpl; constructor; auto.
Qed.

Lemma divide_below n g ts : terms_below n ts -> terms_below n (divide_terms g ts).
Proof.
  induction 1; simpl; constructor; auto.
Qed.

Lemma combine_below n a b ts : terms_below n ts -> forall us, terms_below n us ->
    terms_below n (combine_terms a b ts us).
Proof.
  induction 1 as [|[i c] ts Hi Hts IH]. intros us H; simpl. apply scale_below; auto.
  induction 1 as [|[j d] us Hj Hus IHu]. change (terms_below n (scale a ((i, c) :: ts))).
  apply scale_below. constructor; auto. simpl combine_terms.
  destruct (N.compare_spec i j); unfold cons_nonzero.
  destruct (_ =? _)%Z; [apply IH|constructor; [auto|apply IH]]; auto. constructor; auto. apply IH.
  constructor; auto. constructor; auto.
Qed.

Lemma make_form_below n d c ts : terms_below n ts -> form_below n (make_form d c ts).
Proof.
  unfold make_form, form_below. intros H.
  destruct d; simpl; auto; destruct (_ =? _)%Z; simpl; auto using divide_below.
Qed.

Lemma make_atom_below n r c ts : terms_below n ts -> atom_below n (make_atom r c ts).
Proof.
  unfold make_atom, atom_below. intros H. destruct (_ || _); simpl; auto using divide_below.
Qed.

Lemma good_terms_below ts : forall lo n, good_terms lo n ts = true -> terms_below n ts.
Proof.
  induction ts as [|[i c] ts IH]; simpl; intros lo n H; constructor; rewrite !andb_true_iff in H;
    destruct H as [[[_ H] _] H']. apply N.ltb_lt; auto. eapply IH; eauto.
Qed.

Lemma good_form_below n f : good_form n f = true -> form_below n f.
Proof.
  unfold good_form. rewrite andb_true_iff. intros [H _]. eapply good_terms_below; eauto.
Qed.

Lemma good_atom_below n f : good_atom n f = true -> atom_below n f.
Proof.
  unfold good_atom. rewrite andb_true_iff. intros [H _]. eapply good_terms_below; eauto.
Qed.

Lemma good_fact_below n f : good_fact n f = true -> fact_below n f.
Proof.
  destruct f as [a|bs|h l]; simpl. apply good_atom_below.
  assert (G : forallb (fun b => nonempty b && forallb (good_atom n) b) bs = true -> Forall (Forall
    (atom_below n)) bs).
  { rewrite forallb_forall. intros H. apply Forall_forall. intros b Hb. apply H in Hb.
    apply andb_true_iff in Hb as [_ Hb]. rewrite forallb_forall in Hb. apply Forall_forall.
    intros; apply good_atom_below; auto. }
  destruct bs as [|b [|b' bs]]; try discriminate; auto. rewrite !andb_true_iff. intros [[H1 _] H2].
  split. apply good_form_below; auto. apply Forall_forall. rewrite forallb_forall in H2.
  intros; apply good_form_below; auto.
Qed.

Lemma difference_below n x y r : form_below n x -> form_below n y ->
    atom_below n (difference x y r).
Proof.
  intros X Y. apply make_atom_below, combine_below; auto.
Qed.

Lemma variable_below n i : (i < n)%N -> form_below n (variable i).
Proof.
  intros H. repeat constructor; auto.
Qed.

Lemma holds_form_atom v r f : holds_atom v (make_atom r (const f) (lin f)) <->
    holds_relation K r (value v f).
Proof.
  rewrite make_atom_ok, <- (relation_scale K r (z (Zpos (den f))) (value v f)) by apply z_pos.
  unfold FormsSound.value. rewrite over_mul. tauto.
Qed.

Lemma rel_make_atom r c ts : rel (make_atom r c ts) = r.
Proof.
  unfold make_atom. destruct (_ || _); auto.
Qed.

Lemma holds_atom_dec v a : holds_atom v a \/ ~ holds_atom v a.
Proof.
  unfold FormsSound.holds_atom. set (x := z (cst a) + dot v (summands a)). destruct (rel a); simpl.
  apply (Req_em so). destruct (le_total K x 0); auto. right. apply lt_nle; auto.
  destruct (le_total K 0 x); auto. right. apply le_nlt; auto.
Qed.

(** * Negation *)

Lemma make_clause_ok v bs : holds v (make_clause bs) <-> Exists (Forall (holds_atom v)) bs.
Proof.
  destruct bs as [|[|a [|b l]] [|c m]]; simpl; try tauto. split. intros H. repeat constructor; auto.
  intros H. inversion H; subst. inversion H1; auto. inversion H1.
Qed.

Lemma make_clause_below n bs : Forall (Forall (atom_below n)) bs -> fact_below n (make_clause bs).
Proof.
  destruct bs as [|[|a [|b l]] [|c m]]; simpl; auto. intros H. inversion H; subst.
  inversion H2; auto.
Qed.

Lemma negated_atom_ok v a : ~ holds_atom v a -> Exists (Forall (holds_atom v)) (negated_atom a).
Proof.
  intros H. unfold negated_atom. destruct (rel a) eqn:E.
  - unfold FormsSound.holds_atom in H. rewrite E in H. simpl in H.
    destruct (tri K (z (cst a) + dot v (summands a))) as [T|[T|T]]; [|tauto|].
    + left. repeat constructor. apply make_atom_ok; auto.
    + right; left. repeat constructor. apply make_atom_ok. rewrite dot_opposite, z_opp. simpl.
      replace (- z (cst a) + - dot v (summands a)) with (- (z (cst a) + dot v (summands a))) by
        ring. apply lt_opp; auto.
  - left. repeat constructor. apply negated_ok; congruence.
  - left. repeat constructor. apply negated_ok; congruence.
Qed.

Lemma negated_below n a : atom_below n a -> atom_below n (negated a).
Proof.
  intros. apply make_atom_below, opposite_below; auto.
Qed.

Lemma negated_atom_below n a : atom_below n a -> Forall (Forall (atom_below n)) (negated_atom a).
Proof.
  intros D. unfold negated_atom. destruct (rel a); repeat constructor; auto using negated_below.
  apply make_atom_below; auto. apply make_atom_below, opposite_below; auto.
Qed.

Lemma Forall_or {A} (P : A -> Prop) l : (forall x, P x \/ ~ P x) -> Forall P l \/
    Exists (fun x => ~ P x) l.
Proof.
  intros D. induction l; auto. destruct (D a), IHl; auto.
Qed.

Lemma branch_neg v b : ~ Forall (holds_atom v) b ->
    Exists (Forall (holds_atom v)) (flat_map negated_atom b).
Proof.
  intros H. destruct (Forall_or (holds_atom v) b (holds_atom_dec v)) as [|E]; [tauto|].
  apply Exists_exists in E as [a [Ha H']]. apply negated_atom_ok in H'.
  apply Exists_exists in H' as [c [Hc H']]. apply Exists_exists. exists c. split; auto.
  apply in_flat_map. eauto.
Qed.

Lemma is_max_dec m l : l <> [] -> (In m l /\ (forall x, In x l -> x <= m)) \/
    (exists x, In x l /\ m < x) \/ (forall x, In x l -> x < m).
Proof.
  intros _. destruct (Forall_or (fun x => x <= m) l) as [F|E]. intros x.
  destruct (le_total K x m); auto. right. apply lt_nle; auto.
  - rewrite Forall_forall in F. destruct (Forall_or (fun x => ~ x = m) l) as [G|E]. intros x.
    destruct (Req_em so x m); tauto.
    + right; right. rewrite Forall_forall in G. intros x Hx. apply (Rlt_le_neq so). split; auto.
    + left. split; auto. apply Exists_exists in E as [x [Hx E]].
      destruct (Req_em so x m); [subst; auto|tauto].
  - right; left. apply Exists_exists in E as [x [Hx E]]. exists x. split; auto. apply lt_nle; auto.
Qed.

Lemma negation_ok v f : holds v f \/ Forall (holds v) (negation f).
Proof.
  destruct f as [a|bs|h l].
  - destruct (holds_atom_dec v a) as [|H]; auto. right. constructor; [|constructor].
    apply make_clause_ok, negated_atom_ok; auto.
  - change (Exists (Forall (holds_atom v)) bs \/ Forall (holds v) (negation (FClause bs))).
    induction bs as [|b bs IH]. right; constructor. destruct IH as [IH|IH]; auto.
    destruct (Forall_or (holds_atom v) b (holds_atom_dec v)) as [|E]; auto. right. simpl in *.
    constructor; auto. apply make_clause_ok, branch_neg. intros F.
    apply Exists_exists in E as [a [Ha E]]. rewrite Forall_forall in F. auto.
  - destruct l as [|s0 l0]. right. constructor; [|constructor]. apply make_clause_ok. left.
    constructor. remember (s0 :: l0) as l.
    destruct (is_max_dec (value v h) (map (value v) l)) as [M|[[x [Hx M]]|M]]; [subst;
      discriminate|left; exact M| |]; right; (constructor; [|constructor]); apply make_clause_ok;
      apply Exists_app.
    + left. apply in_map_iff in Hx as [s [<- Hs]]. apply Exists_exists. exists [difference h s LT].
      split. apply (in_map (fun s => [difference h s LT])); auto. repeat constructor.
      apply difference_ok; auto.
    + right; left. apply Forall_forall. intros a Ha. apply in_map_iff in Ha as [s [<- Hs]].
      apply difference_ok. apply M. apply in_map; auto.
Qed.

Lemma negation_below n f : fact_below n f -> Forall (fact_below n) (negation f).
Proof.
  destruct f as [a|bs|h l]; simpl.
  - intros D. constructor; [|constructor]. apply make_clause_below, negated_atom_below; auto.
  - intros D. apply Forall_forall. intros f Hf. apply in_map_iff in Hf as [b [<- Hb]].
    apply make_clause_below. rewrite Forall_forall in D. specialize (D b Hb). clear Hb.
    induction D; simpl. constructor. apply Forall_app. split; auto using negated_atom_below.
  - intros [D F]. constructor; [|constructor]. apply make_clause_below. rewrite Forall_forall in F.
    apply Forall_app. split.
    + apply Forall_forall. intros b Hb. apply in_map_iff in Hb as [s [<- Hs]]. repeat constructor.
      apply difference_below; auto.
    + constructor; [|constructor]. apply Forall_forall. intros b Hb.
      apply in_map_iff in Hb as [s [<- Hs]]. apply difference_below; auto.
Qed.

(** * Units *)

Lemma unit_clause_ok v k t u : v u = act K k (value v t) -> holds v (unit_clause k t u).
Proof.
  intros H. assert (Z1 : holds_relation K EQ (v u) -> holds_atom v (Atom EQ Z0 [(u, 1%Z)])).
  { intros E. unfold FormsSound.holds_atom; simpl in *. rewrite E. change (z 0%Z) with 0. ring. }
  destruct k; simpl in *; [unfold relu in H|unfold step in H].
  - destruct (leb K (value v t) 0) eqn:L.
    + left. repeat constructor; auto. apply holds_form_atom. apply leb_spec; auto.
    + right; left. repeat constructor. apply negated_ok. rewrite rel_make_atom; congruence.
      rewrite holds_form_atom. simpl. rewrite <- leb_spec. congruence. apply difference_ok. simpl.
      rewrite variable_ok. auto.
  - destruct (leb K 0 (value v t)) eqn:L.
    + right; left. repeat constructor. apply negated_ok. rewrite rel_make_atom; congruence.
      rewrite holds_form_atom. simpl. rewrite <- le_nlt. apply leb_spec; auto.
      unfold FormsSound.holds_atom; simpl. rewrite H. change (z 1%Z) with 1.
      change (z (-1)%Z) with (- (1)). ring.
    + left. repeat constructor; auto. apply holds_form_atom. simpl. apply lt_nle.
      rewrite <- leb_spec. congruence.
Qed.

Lemma unit_clause_below n k t u : form_below n t -> (u < n)%N -> fact_below n (unit_clause k t u).
Proof.
  intros D H.
  destruct k; simpl; repeat constructor; auto using make_atom_below, negated_below, variable_below,
    difference_below.
Qed.

End FactsSound.
