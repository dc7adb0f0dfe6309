(** Integers in an ordered field; bringing a form or an atom into its shape keeps what it says. *)
From Coq Require Import List ZArith NArith Bool Lia FMapPositive Setoid.
Import ListNotations.
From Coq.micromega Require Import OrderedRing.
From Coq.setoid_ring Require Import InitialRing Ring.
From Relumax Require Import Statement Kernel.

Section FormsSound.
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

Lemma eq_ext : ring_eq_ext (add K) (mul K) (opp K) eq.
Proof.
  constructor; congruence.
Qed.

Lemma z_morph : ring_morph 0 1 (add K) (mul K) (sub K) (opp K) eq Z0 (Zpos xH) Z.add Z.mul Z.sub
    Z.opp Zeq_bool z.
Proof.
  exact (gen_phiZ_morph (Eqsth R) eq_ext (SORrt so)).
Qed.

Lemma z_add a b : z (a + b)%Z = z a + z b.
Proof.
  apply (morph_add z_morph).
Qed.

Lemma z_mul a b : z (a * b)%Z = z a * z b.
Proof.
  apply (morph_mul z_morph).
Qed.

Lemma z_sub a b : z (a - b)%Z = z a - z b.
Proof.
  apply (morph_sub z_morph).
Qed.

Lemma z_opp a : z (- a)%Z = - z a.
Proof.
  apply (morph_opp z_morph).
Qed.

Lemma z_0 : z 0%Z = 0.
Proof.
  reflexivity.
Qed.

Lemma z_1 : z 1%Z = 1.
Proof.
  reflexivity.
Qed.

Lemma lt_01 : 0 < 1.
Proof.
  apply (Rlt_0_1 so).
Qed.

Lemma z_pos p : 0 < z (Zpos p).
Proof.
  induction p using Pos.peano_ind. apply lt_01. rewrite Pos2Z.inj_succ. unfold Z.succ.
  rewrite z_add, z_1. apply (Rplus_pos_pos so); auto using lt_01.
Qed.

Lemma z_gt a : (0 < a)%Z -> 0 < z a.
Proof.
  destruct a; try discriminate. intros _; apply z_pos.
Qed.

Lemma lt_irr x : ~ x < x.
Proof.
  intros H. apply (Rlt_neq so) in H; auto.
Qed.

Lemma lt_le x y : x < y -> x <= y.
Proof.
  intros H. apply (Rle_lt_eq so); auto.
Qed.

Lemma z_ge a : (0 <= a)%Z -> 0 <= z a.
Proof.
  intros H. destruct (Z.eq_dec a 0) as [->|N]. apply (Rle_refl so). apply lt_le, z_gt. lia.
Qed.

Lemma z_le a b : (a <= b)%Z -> z a <= z b.
Proof.
  intros H. apply (Rle_le_minus so). rewrite <- z_sub. apply z_ge. lia.
Qed.

Lemma le_total x y : x <= y \/ y < x.
Proof.
  apply (Rle_gt_cases so).
Qed.

Lemma le_nlt x y : x <= y <-> ~ y < x.
Proof.
  apply (Rle_ngt so).
Qed.

Lemma lt_nle x y : x < y <-> ~ y <= x.
Proof.
  apply (Rlt_nge so).
Qed.

Lemma neg_lt a : a < 0 -> 0 < - a.
Proof.
  intros H. apply (Ropp_pos_neg so). auto.
Qed.

Lemma mul_pos_neg a x : 0 < a -> x < 0 -> a * x < 0.
Proof.
  apply (Rtimes_pos_neg so).
Qed.

Lemma mul_pos a x : 0 < a -> 0 < x -> 0 < a * x.
Proof.
  apply (Rtimes_pos_pos so).
Qed.

Lemma lt_asym x y : x < y -> y < x -> False.
Proof.
  intros H H'. apply (lt_irr x). eapply (Rlt_trans so); eauto.
Qed.

Lemma tri x : x < 0 \/ x = 0 \/ 0 < x.
Proof.
  apply (Rlt_trichotomy so).
Qed.

Lemma relation_scale r a x : 0 < a -> (holds_relation K r (a * x) <-> holds_relation K r x).
Proof.
  intros Ha. assert (E : 0 < x -> 0 < a * x) by (intros; apply mul_pos; auto).
  assert (N : x < 0 -> a * x < 0) by (intros; apply mul_pos_neg; auto).
  assert (Z0 : x = 0 -> a * x = 0) by (intros ->; ring).
  assert (X : forall y, 0 < y -> y = 0 -> False) by (intros y H ->; eapply lt_irr; eauto).
  assert (X' : forall y, y < 0 -> y = 0 -> False) by (intros y H ->; eapply lt_irr; eauto).
  destruct r; simpl.
  - split; auto. intros H. destruct (tri x) as [T|[T|T]]; auto; exfalso; eauto.
  - rewrite !le_nlt. split; intros H H'; apply H; auto.
    destruct (tri x) as [T|[T|T]]; auto; exfalso; eauto using lt_asym.
  - split; auto. intros H. destruct (tri x) as [T|[T|T]]; auto; exfalso; eauto using lt_asym.
Qed.

Lemma eq_scale a x : a <> 0 -> (a * x = 0 <-> x = 0).
Proof.
  intros Ha. destruct (tri a) as [T|[T|T]]; [|tauto|exact (relation_scale EQ a x T)].
  rewrite <- (relation_scale EQ (-a) x) by (apply neg_lt; auto). simpl. split; intros H.
  - replace (- a * x) with (- (a * x)) by ring. rewrite H. ring.
  - replace (a * x) with (- (- a * x)) by ring. rewrite H. ring.
Qed.

Lemma pos_neq a : 0 < a -> a <> 0.
Proof.
  intros H ->. eapply lt_irr; eauto.
Qed.

Lemma over_mul x d : z (Zpos d) * over x d = x.
Proof.
  unfold over. transitivity (x * (z (Zpos d) * inv K (z (Zpos d)))); [ring|]. rewrite inv_spec.
  ring. apply pos_neq, z_pos.
Qed.

Lemma cancel a x y : 0 < a -> a * x = a * y -> x = y.
Proof.
  intros Ha H. apply (Rminus_eq_0 so). apply (eq_scale a). apply pos_neq; auto.
  replace (a * (x - y)) with (a * x - a * y) by ring. rewrite H. ring.
Qed.

Lemma over_eq x d y : z (Zpos d) * y = x -> over x d = y.
Proof.
  intros H. apply (cancel (z (Zpos d))). apply z_pos. rewrite over_mul. auto.
Qed.

Lemma over_1 x : over x 1 = x.
Proof.
  apply over_eq. change (z 1) with 1. ring.
Qed.

(** * Terms *)

Lemma dot_ext {A} (v w : A -> R) ts : (forall p, In p ts -> v (fst p) = w (fst p)) ->
    dot v ts = dot w ts.
Proof.
  induction ts; simpl; intros H; auto. rewrite H, IHts; auto.
Qed.

Lemma dot_app {A} (v : A -> R) ts us : dot v (ts ++ us) = dot v ts + dot v us.
Proof.
  induction ts; simpl. ring. rewrite IHts. ring.
Qed.

Lemma dot_scale v a ts : dot v (scale a ts) = z a * dot v ts.
Proof.
  unfold scale. destruct (Z.eqb_spec a 1) as [->|_]. rewrite z_1. ring.
  induction ts as [|[i c] ts IH]; simpl. ring. rewrite z_mul, IH. ring.
Qed.

Lemma dot_combine v a b ts : forall us, dot v (combine_terms a b ts us) = z a * dot v ts + z b * dot
    v us.
Proof.
  induction ts as [|[i c] ts IH]. intros us; simpl. rewrite dot_scale. ring.
  induction us as [|[j d] us IHu].
  change (dot v (scale a ((i, c) :: ts)) = z a * dot v ((i, c) :: ts) + z b * 0). rewrite dot_scale.
  ring. simpl combine_terms. simpl combine_terms in IHu. destruct (N.compare_spec i j) as [->| |].
  - transitivity (z (a * c + b * d) * v j + dot v (combine_terms a b ts us)). unfold cons_nonzero.
    destruct (Z.eqb_spec (a * c + b * d) 0) as [E|]; [rewrite E, z_0; ring|simpl; reflexivity].
    rewrite IH, z_add, !z_mul. simpl. ring.
  - simpl. rewrite IH. rewrite z_mul. simpl. ring.
  - change (z (b * d) * v j + dot v ((fix go us0 := match us0 with [] => scale a ((i, c) :: ts) |
      (j0, d0) :: us' => match N.compare i j0 with | Datatypes.Lt => (i, a * c)%Z :: combine_terms a
      b ts us0 | Datatypes.Gt => (j0, b * d0)%Z :: go us' | Datatypes.Eq => cons_nonzero i (a * c +
      b * d0)%Z (combine_terms a b ts us') end end) us) = z a * dot v ((i, c) :: ts) + z b * (z d *
      v j + dot v us)). rewrite IHu. rewrite z_mul. ring.
Qed.

Lemma gcd_terms_divides ts : forall g, (gcd_terms g ts | g)%Z /\ forall p, In p ts ->
    (gcd_terms g ts | snd p)%Z.
Proof.
  induction ts as [|[i c] ts IH]; simpl; intros g. split. reflexivity. tauto.
  destruct (Z.eqb_spec g 1). split; intros; apply Z.divide_1_l.
  destruct (IH (Z.gcd g c)) as [H1 H2]. split.
  eapply Z.divide_trans; [exact H1|apply Z.gcd_divide_l]. intros p [<-|H]; auto.
  eapply Z.divide_trans; [exact H1|apply Z.gcd_divide_r].
Qed.

Lemma z_div g c : (g | c)%Z -> z g * z (c / g) = z c.
Proof.
  intros [k ->]. rewrite <- z_mul. destruct (Z.eq_dec g 0) as [->|N]. f_equal. lia.
  rewrite Z.div_mul by auto. f_equal; lia.
Qed.

Lemma dot_divide v g ts : (forall p, In p ts -> (g | snd p)%Z) ->
    z g * dot v (divide_terms g ts) = dot v ts.
Proof.
  induction ts as [|[i c] ts IH]; simpl; intros H. ring. rewrite <- IH by auto.
  rewrite <- (z_div g c) by (apply (H (i, c)); auto). ring.
Qed.

Definition value (v : N -> R) (f : form) : R := over (z (const f) + dot v (lin f)) (den f).
Definition holds_atom (v : N -> R) (a : atom) : Prop := holds_relation K (rel a) (z (cst a) + dot v
    (summands a)).

Lemma make_form_ok v d c ts : value v (make_form d c ts) = over (z c + dot v ts) d.
Proof.
  assert (G : let g := gcd_terms (Z.gcd (Zpos d) c) ts in value v (Form (Z.to_pos (Zpos d / g)) (c /
    g) (divide_terms g ts)) = over (z c + dot v ts) d).
  { set (g := gcd_terms _ _). destruct (gcd_terms_divides ts (Z.gcd (Zpos d) c)) as [H1 H2].
    fold g in H1, H2.
    assert (Hd : (g | Zpos d)%Z) by (eapply Z.divide_trans; [exact H1|apply Z.gcd_divide_l]).
    assert (Hc : (g | c)%Z) by (eapply Z.divide_trans; [exact H1|apply Z.gcd_divide_r]).
    assert (Hg : (0 <= g)%Z).
    { unfold g. assert (A : (0 <= Z.gcd (Zpos d) c)%Z) by apply Z.gcd_nonneg. revert A.
      generalize (Z.gcd (Zpos d) c). clear.
      induction ts as [|[i e] ts IH]; simpl; intros z Hz; auto. destruct (_ =? _)%Z. lia. apply IH.
      apply Z.gcd_nonneg. }
    assert (g0 : (0 < g)%Z).
    { destruct (Z.eq_dec g 0) as [E|]; [|lia]. rewrite E in Hd. destruct Hd as [k Hk]. lia. }
    assert (Hq : (0 < Zpos d / g)%Z).
    { destruct Hd as [k Hk]. rewrite Hk, Z.div_mul by lia. clear - Hk g0.
      assert (0 < k * g)%Z by lia. nia. }
    unfold value; simpl. apply (cancel (z (Zpos d))). apply z_pos. rewrite over_mul.
    rewrite <- (z_div g (Zpos d)) by auto. rewrite <- (z_div g c), <- (dot_divide v g ts) by auto.
    rewrite <- (Z2Pos.id (Zpos d / g)) at 1 by auto.
    transitivity (z g * (z (Zpos (Z.to_pos (Zpos d / g))) * over (z (c / g) + dot v (divide_terms g
      ts)) (Z.to_pos (Zpos d / g)))); [ring|]. rewrite over_mul. ring. }
  unfold make_form. destruct d; auto; destruct (_ =? 1)%Z; auto.
Qed.

Lemma make_atom_ok v r c ts : holds_atom v (make_atom r c ts) <->
    holds_relation K r (z c + dot v ts).
Proof.
  unfold make_atom. set (g0 := gcd_terms (Z.abs c) ts).
  assert (D : forall p, In p ts -> (g0 | snd p)%Z) by (apply gcd_terms_divides).
  assert (C : (g0 | c)%Z) by (apply Z.divide_abs_r; apply gcd_terms_divides).
  assert (Hg : (0 <= g0)%Z).
  { unfold g0. assert (A : (0 <= Z.abs c)%Z) by lia. revert A. generalize (Z.abs c). clear.
    induction ts as [|[i e] ts IH]; simpl; intros z Hz; auto. destruct (_ =? _)%Z. lia. apply IH.
    apply Z.gcd_nonneg. }
  set (g := match r with EQ => _ | _ => _ end). assert (G : g = g0 \/ (r = EQ /\ g = - g0)%Z).
  { unfold g. destruct r; auto. destruct (_ <? _)%Z; auto. }
  assert (D' : forall p, In p ts -> (g | snd p)%Z) by (destruct G as [->|[_ ->]]; auto; intros;
    apply Z.divide_opp_l; auto).
  assert (C' : (g | c)%Z) by (destruct G as [->|[_ ->]]; auto; apply Z.divide_opp_l; auto).
  destruct (Z.eqb_spec g 0); simpl; [reflexivity|].
  destruct (Z.eqb_spec g 1); simpl; [reflexivity|]. unfold holds_atom; simpl.
  replace (z c + dot v ts) with (z g * (z (c / g) + dot v (divide_terms g ts))).
  2:{ transitivity (z g * z (c / g) + z g * dot v (divide_terms g ts)); [ring|].
    rewrite z_div, dot_divide; auto. }
  destruct G as [G|[-> G]]. symmetry; apply relation_scale, z_gt. lia. simpl.
  symmetry; apply eq_scale. rewrite G, z_opp. intros H. assert (P : 0 < z g0) by (apply z_gt; lia).
  replace (z g0) with (- - z g0) in P by ring. rewrite H in P. replace (- 0) with 0 in P by ring.
  eapply lt_irr; eauto.
Qed.

Definition rel2 r (x y : R) := match r with EQ => x = y | LE => x <= y | LT => x < y end.

Lemma rel2_sub r x y : holds_relation K r (x - y) <-> rel2 r x y.
Proof.
  destruct r; simpl. apply (Rminus_eq_0 so). rewrite (Rle_le_minus so x y).
  rewrite (Rle_le_minus so (x - y) 0). replace (0 - (x - y)) with (y - x) by ring. tauto.
  rewrite (Rlt_lt_minus so x y). rewrite (Rlt_lt_minus so (x - y) 0).
  replace (0 - (x - y)) with (y - x) by ring. tauto.
Qed.

Lemma difference_ok v x y r : holds_atom v (difference x y r) <-> rel2 r (value v x) (value v y).
Proof.
  unfold difference. rewrite make_atom_ok, dot_combine, z_sub, !z_mul, z_opp, <- rel2_sub.
  rewrite <- (relation_scale r (z (Zpos (den x)) * z (Zpos (den y))) (value v x - value v y)) by
    (apply mul_pos; apply z_pos).
  match goal with |- holds_relation K r ?a <-> holds_relation K r ?b => replace a with b; [tauto|]
    end.
  transitivity (z (Zpos (den y)) * (z (Zpos (den x)) * value v x) - z (Zpos (den x)) * (z (Zpos (den
    y)) * value v y)); [ring|]. unfold value. rewrite !over_mul. ring.
Qed.

Lemma variable_ok v i : value v (variable i) = v i.
Proof.
  unfold value; simpl. apply over_eq. change (z 1) with 1. change (z 0%Z) with 0. ring.
Qed.

Lemma dot_opposite v ts : dot v (opposite_terms ts) = - dot v ts.
Proof.
  induction ts as [|[i c] ts IH]; simpl. ring. rewrite IH, z_opp. ring.
Qed.

Lemma le_opp x : - x <= 0 <-> 0 <= x.
Proof.
  rewrite (Rle_le_minus so (- x) 0). replace (0 - - x) with x by ring. tauto.
Qed.

Lemma lt_opp x : - x < 0 <-> 0 < x.
Proof.
  apply (Ropp_neg_pos so).
Qed.

Lemma negated_ok v a : rel a <> EQ -> (holds_atom v (negated a) <-> ~ holds_atom v a).
Proof.
  intros H. unfold negated. rewrite make_atom_ok, dot_opposite, z_opp. unfold holds_atom.
  match goal with |- holds_relation K _ ?y <-> _ => replace y with (- (z (cst a) + dot v (summands
    a))) by ring end. destruct a as [[] c ts]; simpl in *; try congruence. rewrite lt_opp.
  apply lt_nle. rewrite le_opp. apply le_nlt.
Qed.

End FormsSound.
