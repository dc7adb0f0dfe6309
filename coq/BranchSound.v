(** A branch whose facts hold keeps that under what is added; sums and substitutions are sound. *)
From Coq Require Import List ZArith NArith Bool Lia FMapPositive Setoid.
Import ListNotations.
From Coq.micromega Require Import OrderedRing.
From Relumax Require Import Statement Kernel FormsSound FactsSound.

Section BranchSound.
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
Notation holds := (holds K).
Notation agree := (agree K).

(** * The branch: facts and units speak of its variables only, and hold *)

Definition below_all (E : branch) :=
  (forall k f, get E k = Some f -> fact_below (variables E) f) /\
  (forall u k f, get_unit E u = Some (k, f) -> (u < variables E)%N /\ form_below (variables E) f).
Definition true_in (v : N -> R) (E : branch) :=
  (forall k f, get E k = Some f -> holds v f) /\
  (forall u k f, get_unit E u = Some (k, f) -> v u = act K k (value v f)).
Definition good v E := below_all E /\ true_in v E.

Lemma succ_pos_inj i j : N.succ_pos i = N.succ_pos j -> i = j.
Proof.
  intros H. rewrite <- (N.pos_pred_succ i), <- (N.pos_pred_succ j). congruence.
Qed.

Lemma get_push E f k : get (push E f) k = if N.eqb k (fact_count E) then Some f else get E k.
Proof.
  unfold get, push; simpl. destruct (N.eqb_spec k (fact_count E)) as [->|H]. apply PM.gss.
  rewrite PM.gso; auto. intros E'. apply H, succ_pos_inj, E'.
Qed.

Lemma get_unit_add E k f u : get_unit (add_unit E k f) u = if N.eqb u (variables E) then Some (k,
    f) else get_unit E u.
Proof.
  unfold get_unit, add_unit; simpl. destruct (N.eqb_spec u (variables E)) as [->|H]. apply PM.gss.
  rewrite PM.gso; auto. intros E'. apply H, succ_pos_inj, E'.
Qed.

Lemma below_push E f : below_all E -> fact_below (variables E) f -> below_all (push E f).
Proof.
  intros [W1 W2] D. split; [|exact W2]. intros k g. rewrite get_push.
  destruct (N.eqb k (fact_count E)); [intros H; inversion H; subst; auto|apply W1].
Qed.

Lemma true_push v E f : true_in v E -> holds v f -> true_in v (push E f).
Proof.
  intros [W1 W2] D. split; [|exact W2]. intros k g. rewrite get_push.
  destruct (N.eqb k (fact_count E)); [intros H; inversion H; subst; auto|apply W1].
Qed.

Lemma good_push v E f : good v E -> fact_below (variables E) f -> holds v f -> good v (push E f).
Proof.
  intros [W O] D H. split. apply below_push; auto. apply true_push; auto.
Qed.

Lemma variables_push_all l : forall E, variables (push_all E l) = variables E.
Proof.
  induction l; simpl; intros; auto. unfold push_all in *. simpl. rewrite IHl. reflexivity.
Qed.

Lemma good_push_all v l : forall E, good v E -> Forall (fact_below (variables E)) l ->
    Forall (holds v) l -> good v (push_all E l).
Proof.
  induction l; intros E G D H; auto. inversion D; inversion H; subst. apply IHl; auto.
  apply good_push; auto.
Qed.

Lemma variables_add_fact E f : variables (add_fact E f) = variables E.
Proof.
  destruct f as [|[|b [|]]|]; simpl; auto. apply variables_push_all.
Qed.

Lemma Forall_map' {A B} (P : B -> Prop) (f : A -> B) l : Forall (fun x => P (f x)) l ->
    Forall P (map f l).
Proof.
  induction 1; simpl; constructor; auto.
Qed.

Lemma good_atoms v b E : good v E -> Forall (atom_below (variables E)) b ->
    Forall (holds_atom v) b -> good v (push_all E (map FAtom b)).
Proof.
  intros. apply good_push_all; auto; apply Forall_map'; auto.
Qed.

Lemma good_add_fact v E f : good v E -> fact_below (variables E) f -> holds v f ->
    good v (add_fact E f).
Proof.
  intros G D H. destruct f as [|[|b [|]]|]; simpl; try (apply good_push; auto). inversion D; subst.
  apply good_atoms; auto. inversion H; subst; auto. inversion H1.
Qed.

Lemma variables_add_facts l : forall E, variables (fold_left add_fact l E) = variables E.
Proof.
  induction l; simpl; intros; auto. rewrite IHl, variables_add_fact; auto.
Qed.

Lemma good_add_facts v l : forall E, good v E -> Forall (fact_below (variables E)) l ->
    Forall (holds v) l -> good v (fold_left add_fact l E).
Proof.
  induction l; intros E G D H; auto. inversion D; inversion H; subst. simpl. apply IHl; auto.
  apply good_add_fact; auto. rewrite variables_add_fact; auto.
Qed.

Definition assign (v : N -> R) (n : N) (x : R) : N -> R := fun i => if N.eqb i n then x else v i.

Lemma assign_same v n x : assign v n x n = x.
Proof.
  unfold assign. rewrite N.eqb_refl; auto.
Qed.

Lemma assign_agree v n x : agree n v (assign v n x).
Proof.
  intros i Hi. unfold assign. destruct (N.eqb_spec i n); auto. lia.
Qed.

Lemma true_agree v w E : below_all E -> agree (variables E) v w -> true_in v E -> true_in w E.
Proof.
  intros [W1 W2] A [O1 O2]. split. intros k f G. eapply holds_agree; eauto. intros u k f U.
  destruct (W2 _ _ _ U) as [L D]. rewrite <- A, <- (value_agree K (variables E) f v w) by auto.
  eauto.
Qed.

Lemma below_new E : below_all E -> below_all (new_variable E).
Proof.
  intros [W1 W2]. split; simpl.
  - intros k f G. eapply fact_below_le; [|apply (W1 k); exact G]. lia.
  - intros u k f U. destruct (W2 u k f U). split. lia. eapply terms_below_le; eauto. lia.
Qed.

Lemma good_new v E x : good v E -> good (assign v (variables E) x) (new_variable E).
Proof.
  intros [W O]. split. apply below_new; auto.
  apply (true_agree v (assign v (variables E) x) E W (assign_agree _ _ _)) in O. exact O.
Qed.

Lemma variables_add_unit E k f : variables (add_unit E k f) = (variables E + 1)%N.
Proof.
  reflexivity.
Qed.

Lemma good_add_unit v E k f : good v E -> form_below (variables E) f ->
    v (variables E) = act K k (value v f) -> good v (add_unit E k f).
Proof.
  intros [[W1 W2] [O1 O2]] D H. assert (D' : form_below (variables E + 1) f).
  { eapply terms_below_le; eauto. lia. }
  assert (F : forall i g, get (add_unit E k f) i = Some g ->
      g = unit_clause k f (variables E) \/ get E i = Some g).
  { intros i g. unfold add_unit. rewrite get_push.
    destruct (N.eqb _ _); [intros X; left; congruence|right; auto]. }
  split; split.
  - intros i g X. apply F in X as [->|X]. apply unit_clause_below; auto. simpl; lia.
    eapply fact_below_le; [|eapply W1; exact X]. simpl; lia.
  - intros u k' f'. rewrite get_unit_add. destruct (N.eqb_spec u (variables E)) as [->|].
    intros X; inversion X; subst. split; auto. simpl; lia. intros X. apply W2 in X as [X1 X2].
    split. simpl; lia. eapply terms_below_le; [|exact X2]. simpl; lia.
  - intros i g X. apply F in X as [->|X]. apply unit_clause_ok; auto. eapply O1; eauto.
  - intros u k' f'. rewrite get_unit_add. destruct (N.eqb_spec u (variables E)) as [->|].
    intros X; inversion X; subst; auto. apply O2.
Qed.

Lemma good_new_unit v E k f : good v E -> form_below (variables E) f ->
    good (assign v (variables E) (act K k (value v f))) (add_unit E k f).
Proof.
  intros [W O] D. set (w := assign v (variables E) (act K k (value v f))).
  assert (A : agree (variables E) v w) by apply assign_agree. apply good_add_unit; auto.
  - split; auto. apply (true_agree v); auto.
  - unfold w at 1. rewrite assign_same. f_equal. apply (value_agree K (variables E)); auto.
Qed.

(** * Sums of facts *)

Lemma weighted_sum_ok v E l : true_in v E -> forall r c ts, weighted_sum E l = Some (r, c, ts) ->
    holds_relation K r (z c + dot v ts).
Proof.
  intros O. induction l as [|[k m] l IH]; simpl; intros r c ts.
  - intros H; inversion H; subst. simpl. change (z 0%Z) with 0. ring.
  - destruct (get E k) as [[a| |]|] eqn:G; try discriminate.
    destruct (weighted_sum E l) as [[[r' c'] ts']|]; [|discriminate]. specialize (IH _ _ _ eq_refl).
    apply O in G. change (holds_atom v a) in G. unfold FormsSound.holds_atom in G.
    set (x := z (cst a) + dot v (summands a)) in *. set (y := z c' + dot v ts') in *.
    destruct (match rel a with EQ => _ | _ => _ end) eqn:M; [|discriminate].
    intros H; inversion H; subst; clear H.
    assert (Ex : z (m * cst a + c') + dot v (combine_terms m 1 (summands a) ts') = z m * x + y).
    { rewrite dot_combine, z_add, z_mul. change (z 1%Z) with 1. unfold x, y. ring. }
    rewrite Ex. clear Ex. assert (Z0 : 0 + 0 = 0) by ring. destruct (rel a); simpl in G.
    + rewrite G. replace (z m * 0 + y) with y by ring. destruct r'; exact IH.
    + apply Z.ltb_lt, (z_gt K) in M.
      assert (X : z m * x <= 0) by (apply (relation_scale K LE (z m) x M); auto).
      assert (Le : y <= 0 -> z m * x + y <= 0).
      { intros Y. rewrite <- Z0. apply (Rplus_le_mono so); auto. }
      destruct r'; simpl in *; auto.
      * apply Le. rewrite IH. apply (Rle_refl so).
      * rewrite <- Z0. apply (Rplus_le_lt_mono so); auto.
    + apply Z.ltb_lt, (z_gt K) in M.
      assert (X : z m * x < 0) by (apply (relation_scale K LT (z m) x M); auto).
      assert (Y : y <= 0).
      { destruct r'; simpl in IH; auto. rewrite IH. apply (Rle_refl so). apply (lt_le K); auto. }
      assert (Lt : z m * x + y < 0) by (rewrite <- Z0; apply (Rplus_lt_le_mono so); auto).
      destruct r'; exact Lt.
Qed.

Lemma weighted_sum_below E l : below_all E -> forall r c ts, weighted_sum E l = Some (r, c, ts) ->
    terms_below (variables E) ts.
Proof.
  intros [W _]. induction l as [|[k m] l IH]; simpl; intros r c ts.
  - intros H; inversion H; constructor.
  - destruct (get E k) as [[a| |]|] eqn:G; try discriminate.
    destruct (weighted_sum E l) as [[[r' c'] ts']|]; [|discriminate]. specialize (IH _ _ _ eq_refl).
    destruct (match rel a with EQ => _ | _ => _ end); [|discriminate].
    intros H; inversion H; subst. apply combine_below; auto. apply (W _ _ G).
Qed.

Lemma leaf_ok v E l : true_in v E -> leaf E l = true -> False.
Proof.
  intros O. unfold leaf. destruct (weighted_sum E l) as [[[r c] [|]]|] eqn:L; try discriminate.
  apply (weighted_sum_ok v) in L; auto. simpl in L. replace (z c + 0) with (z c) in L by ring.
  rewrite andb_true_iff, orb_true_iff, andb_true_iff. intros [_ [H|[H H']]].
  - apply Z.ltb_lt, (z_gt K) in H. destruct r; simpl in L.
    + rewrite L in H. exact (lt_irr K 0 H).
    + apply (le_nlt K) in L. auto.
    + exact (lt_asym K _ _ H L).
  - apply Z.eqb_eq in H. subst. destruct r; try discriminate. exact (lt_irr K 0 L).
Qed.

Lemma combination_ok v E l E' : good v E -> combination E l = Some E' -> good v E' /\
    variables E' = variables E.
Proof.
  intros [W O]. unfold combination. destruct (weighted_sum E l) as [[[r c] ts]|] eqn:S;
    [|discriminate].
  destruct (nonempty l); [|discriminate]. intros H; inversion H; subst. split; [|reflexivity].
  apply good_push; [split; auto| |].
  - apply make_atom_below. eapply weighted_sum_below; eauto.
  - apply make_atom_ok. eapply weighted_sum_ok; eauto.
Qed.

(** * Substitution *)

Definition substituted (m : substitution) (v : N -> R) : N -> R := fun i =>
  match PM.find (N.succ_pos i) m with
    Some g => value v g | None => 0 end.
Definition values_below n (m : substitution) := forall p g, PM.find p m = Some g -> form_below n g.

Lemma subst_terms_ok m v c ts : forall D C T, subst_terms m c ts = Some (D, C, T) ->
    z C + dot v T = z (Zpos D) * (z c + dot (substituted m v) ts) /\ forall p, In p ts ->
    PM.find (N.succ_pos (fst p)) m <> None.
Proof.
  unfold subst_terms.
  induction ts as [|[i e] ts IH]; cbn [fold_right]; intros D C T;
    [|unfold subst_term at 1; cbn [fst snd]].
  - intros H; inversion H; subst. simpl. change (z 1%Z) with 1. split. ring. tauto.
  - change (dot (substituted m v) ((i, e) :: ts))
      with (z e * substituted m v i + dot (substituted m v) ts).
    destruct (fold_right _ _ ts) as [[[D' C'] T']|]; [|discriminate].
    destruct (IH _ _ _ eq_refl) as [I1 I2]. clear IH.
    destruct (PM.find (N.succ_pos i) m) as [[d k u]|] eqn:F; [|discriminate].
    assert (V : substituted m v i = over (z k + dot v u) d) by (unfold substituted; rewrite F;
      reflexivity).
    rewrite V.
    assert (G : (D, C, T) = (Pos.mul D' d, C' * Zpos d + e * Zpos D' * k, combine_terms (Zpos d) (e
      * Zpos D') T' u)%Z -> z C + dot v T = z (Zpos D) * (z c + (z e * over (z k + dot v u) d + dot
      (substituted m v) ts))).
    { intros H; inversion H; subst. rewrite dot_combine, Pos2Z.inj_mul, !z_add, !z_mul.
      transitivity (z (Zpos d) * (z C' + dot v T') + z e * z (Zpos D') * (z k + dot v u)); [ring|].
      rewrite I1, <- (over_mul K (z k + dot v u) d) at 1. ring. }
    intros H. split. apply G. destruct d; inversion H; subst; auto.
    rewrite Pos.mul_1_r, Z.mul_1_r; auto. intros p [<-|Hp]; auto. simpl. rewrite F. discriminate.
Qed.

Lemma subst_terms_below m n c ts : values_below n m -> forall D C T, subst_terms m c ts = Some (D,
    C, T) -> terms_below n T.
Proof.
  intros M. unfold subst_terms.
  induction ts as [|[i e] ts IH]; cbn [fold_right]; intros D C T;
    [|unfold subst_term at 1; cbn [fst snd]].
  intros H; inversion H; constructor.
  destruct (fold_right _ _ ts) as [[[D' C'] T']|]; [|discriminate]. specialize (IH _ _ _ eq_refl).
  destruct (PM.find (N.succ_pos i) m) as [[d k u]|] eqn:F; [|discriminate]. apply M in F. intros H.
  destruct d; inversion H; subst; apply combine_below; auto.
Qed.

Lemma subst_form_ok m v f g : subst_form m f = Some g -> value v g = value (substituted m v) f.
Proof.
  unfold subst_form. destruct (subst_terms _ _ _) as [[[D C] T]|] eqn:S; [|discriminate].
  intros H; inversion H. rewrite make_form_ok. apply (subst_terms_ok m v) in S as [S _]. rewrite S.
  unfold FormsSound.value. apply over_eq. rewrite Pos2Z.inj_mul, z_mul.
  transitivity (z (Zpos D) * (z (Zpos (den f)) * over (z (const f) + dot (substituted m v) (lin f))
    (den
    f))); [ring|]. rewrite over_mul. auto.
Qed.

Lemma subst_form_vars m f g : subst_form m f = Some g -> forall p, In p (lin f) ->
    PM.find (N.succ_pos (fst p)) m <> None.
Proof.
  unfold subst_form. destruct (subst_terms _ _ _) as [[[D C] T]|] eqn:S; [|discriminate]. intros _.
  apply (subst_terms_ok m (fun _ => 0)) in S as [_ S]. auto.
Qed.

Lemma subst_form_below m n f g : values_below n m -> subst_form m f = Some g -> form_below n g.
Proof.
  unfold subst_form. intros M. destruct (subst_terms _ _ _) as [[[D C] T]|] eqn:S; [|discriminate].
  intros H; inversion H. apply make_form_below. eapply subst_terms_below; eauto.
Qed.

Lemma subst_atom_ok m v a b : subst_atom m a = Some b ->
    (holds_atom v b <-> holds_atom (substituted m v) a).
Proof.
  unfold subst_atom. destruct (subst_terms _ _ _) as [[[D C] T]|] eqn:S; [|discriminate].
  intros H; inversion H. rewrite make_atom_ok. apply (subst_terms_ok m v) in S as [S _]. rewrite S.
  apply relation_scale, z_pos.
Qed.

Lemma subst_atom_below m n f g : values_below n m -> subst_atom m f = Some g -> atom_below n g.
Proof.
  unfold subst_atom. intros M. destruct (subst_terms _ _ _) as [[[D C] T]|] eqn:S; [|discriminate].
  intros H; inversion H. apply make_atom_below. eapply subst_terms_below; eauto.
Qed.

Lemma Forall2_Forall {A B} (f : A -> B -> Prop) (P : A -> Prop) (Q : B -> Prop) l m :
    Forall2 f l m -> (forall x y, f x y -> (P x <-> Q y)) -> (Forall P l <-> Forall Q m).
Proof.
  intros F H. induction F. split; constructor.
  split; intros G; inversion G; subst; constructor; try apply IHF; auto; eapply H; eauto.
Qed.

Lemma Forall2_Exists {A B} (f : A -> B -> Prop) (P : A -> Prop) (Q : B -> Prop) l m :
    Forall2 f l m -> (forall x y, f x y -> (P x <-> Q y)) -> (Exists P l <-> Exists Q m).
Proof.
  intros F H. induction F. split; intros E; inversion E.
  split; intros G; inversion G; subst; [left; eapply H; eauto|right; apply IHF; auto|left; eapply H;
    eauto|right; apply IHF; auto].
Qed.

Lemma Forall2_imp {A B} (f : A -> B -> Prop) (Q : B -> Prop) l m : Forall2 f l m ->
    (forall x y, f x y -> Q y) -> Forall Q m.
Proof.
  induction 1; constructor; eauto.
Qed.

Lemma subst_fact_ok m v f g : subst_fact m f = Some g -> (holds v g <-> holds (substituted m v) f).
Proof.
  destruct f as [a|bs|h l]; simpl.
  - destruct (subst_atom m a) eqn:S; [|discriminate]. intros H; inversion H.
    apply subst_atom_ok; auto.
  - destruct (map_option _ bs) as [cs|] eqn:S; [|discriminate]. intros H; inversion H. simpl.
    apply map_option_ok in S. symmetry. eapply Forall2_Exists; [exact S|]. intros x y E. simpl in E.
    apply map_option_ok in E. eapply Forall2_Forall; [exact E|]. intros a b E'. symmetry.
    apply subst_atom_ok; auto.
  - destruct (subst_form m h) as [h'|] eqn:Sh; [|discriminate].
    destruct (map_option _ l) as [l'|] eqn:S; [|discriminate]. intros H; inversion H. simpl.
    rewrite (subst_form_ok m v h h' Sh). replace (map (value v) l')
      with (map (value (substituted m v)) l).
    tauto. apply map_option_ok in S. clear -S. induction S; simpl; auto. f_equal; auto. symmetry.
    apply subst_form_ok; auto.
Qed.

Lemma subst_fact_below m n f g : values_below n m -> subst_fact m f = Some g -> fact_below n g.
Proof.
  intros M. destruct f as [a|bs|h l]; simpl.
  - destruct (subst_atom m a) eqn:S; [|discriminate]. intros H; inversion H. simpl.
    eapply subst_atom_below; eauto.
  - destruct (map_option _ bs) as [cs|] eqn:S; [|discriminate]. intros H; inversion H. simpl.
    apply map_option_ok in S. eapply Forall2_imp; [exact S|]. intros x y E. apply map_option_ok in
      E.
    eapply Forall2_imp; [exact E|]. intros a b. apply subst_atom_below; auto.
  - destruct (subst_form m h) as [h'|] eqn:Sh; [|discriminate].
    destruct (map_option _ l) as [l'|] eqn:S; [|discriminate]. intros H; inversion H. simpl. split.
    eapply subst_form_below; eauto. apply map_option_ok in S. eapply Forall2_imp; [exact S|]. intros
      x y.
    apply subst_form_below; auto.
Qed.

End BranchSound.
