//! Every field that the applications' documents name.

use super::fixture::{all, at, made};

/// Collection and paths; `{a b}` at the end of a path stands for `a` and `b`, `[]` for the first element.
const FIELDS: [(&str, &[&str]); 9] = [
    (
        "birth_charts",
        &[
            "{_id entity_type entity_id organization_id}",
            "birth_data.{date time timezone latitude longitude location}",
            "planets[].{name sign degree house retrograde dignity latitude distance speed}",
            "houses[].{number sign degree cusp ruler}",
            "aspects[].{planet1 planet2 aspect_type angle orb strength strength_score strength_word applying}",
            "calculated_data.{moon_phase dominant_element dominant_quality chart_ruler}",
            "calculated_data.ascendant.{sign degree}",
            "calculated_data.midheaven.{sign degree}",
            "calculated_data.{patterns}",
            "calculated_data.extra_points[].{name sign degree house retrograde latitude speed}",
            "{calculation_version calculated_at calculated_by last_updated status created_at updated_at}",
            "{ephemeris_version tzdb_version moon_sign_candidates}",
            "house_system.{requested used fallback}",
            "moment.{utc offset_source local_kind time_known delta_t_s}",
        ],
    ),
    (
        "harmonic_codes",
        &[
            "{_id entity_type entity_id organization_id birth_chart_id}",
            "current_code.{version generated_at quarter year primary_harmonic secondary_harmonics energy_signature}",
            "current_code.energy_levels.{physical emotional mental spiritual social}",
            "current_code.dimensions.{leadership creativity analytical communication empathy resilience}",
            "current_code.dimensions.{adaptability focus}",
            "current_code.resonances[].{type frequency strength effect}",
            "{historical_codes}",
            "next_update.{scheduled_date quarter year status}",
            "{calculation_version auto_update_enabled subscription_active created_at updated_at}",
        ],
    ),
    (
        "compatibility_scores",
        &[
            "{_id organization_id compatibility_type valid_from valid_until status created_at updated_at}",
            "subject_entity.{type id name}",
            "target_entity.{type id name}",
            "scores.{overall personality_match behavioral_alignment energy_resonance harmonic_compatibility}",
            "scores.{cultural_fit communication_style work_style_match value_alignment}",
            "analysis.strengths[].{aspect description score}",
            "analysis.challenges[].{aspect description severity mitigation}",
            "analysis.{recommendations}",
            "astrological_factors.synastry_aspects[].{aspect_type planets impact description}",
            "astrological_factors.element_balance.{fire earth air water compatibility_score}",
            "astrological_factors.house_overlays[].{house planet interpretation}",
            "harmonic_analysis.{frequency_match energy_pattern_alignment resonance_type optimal_interaction_times}",
            "calculation_metadata.{version algorithm_version calculated_at based_on_quarter confidence_level}",
            "calculation_metadata.{data_completeness}",
        ],
    ),
    (
        "energy_patterns",
        &[
            "{_id entity_type entity_id organization_id pattern_type analysis_date created_at updated_at}",
            "time_series[].{quarter year date notable_events environmental_factors}",
            "time_series[].energy_snapshot.{physical emotional mental spiritual social}",
            "time_series[].dimensional_snapshot.{leadership focus}",
            "insights.{dominant_trend cycle_length volatility_index}",
            "insights.peak_periods[].{quarter year dimensions}",
            "insights.low_periods[].{quarter year dimensions}",
            "insights.seasonal_patterns[].{season typical_behavior energy_characteristics}",
            "predictions.next_quarter.{forecast_date predicted_energy predicted_dimensions confidence key_factors}",
            "predictions.{annual_outlook}",
        ],
    ),
    (
        "astrological_data",
        &[
            "{_id astroDataId employeeId organizationId}",
            "birthData.{date time}",
            "birthData.location.{city country latitude longitude timezone}",
            "birthData.coordinates.{type coordinates}",
            "birthChart.sun.{sign degree house retrograde}",
            "birthChart.moon.{sign degree house retrograde}",
            "birthChart.ascendant.{sign degree}",
            "birthChart.planets[].{name sign degree house retrograde}",
            "birthChart.houses[].{number sign degree}",
            "aspects[].{planet1 planet2 aspectType orb strength}",
            "interpretations.{personality strengths challenges careerIndications relationshipPatterns}",
            "{calculationEngine calculationDate version createdAt updatedAt}",
        ],
    ),
    (
        "harmonic_energy_codes",
        &[
            "{_id harmonicCodeId employeeId organizationId previousQuarters}",
            "currentQuarter.{year quarter startDate endDate code frequency wavelength}",
            "energyComponents.primary.{value color meaning influence}",
            "energyComponents.secondary.{value color meaning influence}",
            "energyComponents.tertiary.{value color meaning influence}",
            "energyPattern.{dominant balance stability intensity}",
            "energyPattern.resonance[].{type frequency strength}",
            "compatibility.{jobRole department company industry teamDynamics}",
            "{nextRegenerationDate autoRegenerateEnabled calculationMethod basedOnAstroDataId}",
            "{createdAt updatedAt}",
        ],
    ),
    (
        "reports",
        &[
            "{_id reportId employeeId organizationId departmentId reportType version generationDate expiryDate}",
            "content.{summary score keyInsights actionItems warnings}",
            "content.sections[].{sectionId title content}",
            "content.sections[].subsections[].{title content insights recommendations}",
            "content.sections[].visualizations[].{type data imageUrl}",
            "{status analysisIds astrologicalDataId harmonicEnergyCodeId}",
            "{generatedBy processingTimeMs llmTokensUsed llmModel}",
            "{visibleToRoles visibleToDepartments visibleToBranches createdAt updatedAt deletedAt}",
            "{quarter confidence advisory}",
            "generation.{generator promptVersion degraded}",
            "scores.{overall confidence}",
            "evidence[].{id kind label strength}",
        ],
    ),
    (
        "analysis_data",
        &[
            "{_id analysisId employeeId reportId analysisType createdAt updatedAt}",
            "llmAnalysis.{prompt response model temperature processingTimeMs confidence promptVersion}",
            "llmAnalysis.tokensUsed.{prompt completion total}",
            "analysisResults.traits[].{name score description impact context}",
            "analysisResults.{strengths weaknesses opportunities risks}",
            "analysisResults.compatibilityFactors[].{factor score weight reasoning}",
            "contextData.{jobRole department company industry}",
        ],
    ),
    (
        "training_recommendations",
        &[
            "{_id recommendationId employeeId reportId generatedDate createdAt updatedAt}",
            "skillGaps[].{skillName currentLevel requiredLevel gap priority impactArea reasoning}",
            "recommendations[].{programId title description provider duration format estimatedCost currency}",
            "recommendations[].{targetSkills expectedOutcome priority prerequisites certificationAvailable}",
            "developmentPath.shortTerm[].{goal actions metrics estimatedCompletion}",
            "developmentPath.mediumTerm[].{goal actions metrics estimatedCompletion}",
            "developmentPath.longTerm[].{goal actions metrics estimatedCompletion}",
            "implementationStatus.{started startDate completedRecommendations inProgressRecommendations}",
            "implementationStatus.{notStartedRecommendations lastReviewDate}",
        ],
    ),
];

#[test]
fn every_field_that_applications_read_is_written() {
    for (upsert, (collection, patterns)) in all().iter().zip(FIELDS) {
        assert_eq!(upsert.collection, collection);
        let document = made(upsert);
        for pattern in patterns {
            let (prefix, names) = pattern.split_once('{').unwrap();
            for name in names.trim_end_matches('}').split(' ') {
                let path = format!("{prefix}{name}");
                assert!(at(&document, &path).is_some(), "{collection}.{path}");
            }
        }
    }
}
