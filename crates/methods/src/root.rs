//! Finding where a continuous function crosses zero, for estimators without a closed form.
//!
//! Private: callers see the estimate, never the search.

/// The root of `f` in `[low, high]`, given that the ends have opposite signs (Illinois false
/// position: brackets always, converges faster than halving). `None` when they do not.
pub(crate) fn bracketed(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut a, mut fa) = (low, f(low));
    let (mut b, mut fb) = (high, f(high));
    if fa.is_nan() || fb.is_nan() || (fa > 0.0) == (fb > 0.0) {
        return match (fa.abs() <= 0.0, fb.abs() <= 0.0) {
            (true, _) => Some(a),
            (_, true) => Some(b),
            _ => None,
        };
    }
    let mut kept = 0_i8;
    for round in 0..200 {
        // Every third step halves, so that a flat function cannot stall the search.
        let mid = if round % 3 == 2 || !fa.is_finite() || !fb.is_finite() {
            0.5 * (a + b)
        } else {
            (fa * b - fb * a) / (fa - fb)
        };
        let fm = f(mid);
        if fm.abs() <= 0.0 || (b - a).abs() <= 4.0 * f64::EPSILON * mid.abs() {
            return Some(mid);
        }
        if (fm > 0.0) == (fa > 0.0) {
            (a, fa) = (mid, fm);
            if kept == 1 {
                fb *= 0.5;
            }
            kept = 1;
        } else {
            (b, fb) = (mid, fm);
            if kept == -1 {
                fa *= 0.5;
            }
            kept = -1;
        }
    }
    Some(0.5 * (a + b))
}

#[cfg(test)]
mod tests {
    use super::bracketed;

    #[test]
    fn finds_known_roots_and_refuses_a_missing_one() {
        let found = bracketed(0.0, 2.0, |x| x * x - 2.0).expect("a change of sign");
        assert!((found - std::f64::consts::SQRT_2).abs() < 1e-14);
        let flat = bracketed(-1.0, 3.0, |x| (x - 1.0).powi(9)).expect("a change of sign");
        assert!((flat - 1.0).abs() < 1e-2);
        let end = bracketed(0.0, 1.0, |x| x).expect("a root at the end");
        assert!(end.abs() < 1e-14);
        assert_eq!(bracketed(1.0, 2.0, |x| x), None);
    }
}
